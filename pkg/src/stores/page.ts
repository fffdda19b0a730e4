// The pages of a list of sessions.

import type { Page, SubjectEpoch } from "../session/store.js";

/** How many sessions a page of `list` holds. It bounds an answer to 400 KB, however many sessions a user has. */
export const PAGE = 100;

/** Makes a page from the rows that come next: at least one row more than a page holds, or all that there are. */
export function pageOf<Row>(
  rows: readonly Row[],
  epoch: SubjectEpoch,
  recordOf: (row: Row) => Uint8Array,
  cursorOf: (row: Row) => unknown,
): Page {
  // The next page begins after the last row of this one, if there are more rows.
  const shown = rows.slice(0, PAGE);
  const page: Page = { records: shown.map(recordOf), epoch };
  const last = shown.at(-1);
  return rows.length > PAGE && last !== undefined ? { ...page, cursor: String(cursorOf(last)) } : page;
}
