// A refresh without a decisive answer.

import { ClientError, type RefreshResult } from "./types.js";

/** The longest wait that a server may request, in seconds. */
const LONGEST_RETRY_AFTER = 300;

/** The result of a refresh that must be retried later. `response` is the server's response, if there was one. */
export function later(message: string, response?: Response): RefreshResult {
  const cause = new ClientError("ERR_REFRESH", message, response?.status);
  // Seconds (RFC 9110 §10.2.3). A date is ignored, because it does not parse as a number.
  const seconds = Number(response?.headers.get("retry-after") ?? 0);
  // Bounded: a proxy that answers with a day must not stop a page from refreshing for a day.
  return { kind: "later", cause, retryAfter: seconds >= 0 ? Math.min(seconds, LONGEST_RETRY_AFTER) : 0 };
}

/** The result of a refresh whose response neither holds a token nor ends the session. */
export function undecided(response: Response): RefreshResult {
  return later(`the refresh was answered with ${response.status}`, response);
}
