// The pages of a list of sessions.

import type { Page, SubjectEpoch } from "../session/store.js";

/**
 * How many sessions of a subject a page of `list` holds. It bounds an answer to 400 KB, whatever a user has signed in
 * to.
 */
export const PAGE = 100;

/** A page of sessions, from the rows that come next: one row more than a page holds, at least, or all that there are. */
export function pageOf<Row>(
  rows: readonly Row[],
  epoch: SubjectEpoch,
  recordOf: (row: Row) => Uint8Array,
  cursorOf: (row: Row) => unknown,
): Page {
  // The next page begins with the row after those of this one, if there is one.
  const shown = rows.slice(0, PAGE);
  const page: Page = { records: shown.map(recordOf), epoch };
  const last = shown.at(-1);
  return rows.length > PAGE && last !== undefined ? { ...page, cursor: String(cursorOf(last)) } : page;
}
