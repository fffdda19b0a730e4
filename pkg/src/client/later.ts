// A refresh that decided nothing.

import { ClientError, type RefreshResult } from "./types.js";

/** The longest wait that a server may ask for, in seconds. */
const LONGEST_RETRY_AFTER = 300;

/** The result of a refresh that must be tried again later. `response` is the answer of the server, if there was one. */
export function later(message: string, response?: Response): RefreshResult {
  const cause = new ClientError("ERR_REFRESH", message, response?.status);
  // Seconds (RFC 9110 §10.2.3). A date is not a number, and is ignored.
  const seconds = Number(response?.headers.get("retry-after") ?? 0);
  // Bounded: a proxy that says a day must not keep a page from refreshing for a day.
  return { kind: "later", cause, retryAfter: seconds >= 0 ? Math.min(seconds, LONGEST_RETRY_AFTER) : 0 };
}

/** The result of a refresh whose answer neither brings a token nor ends the session. */
export function undecided(response: Response): RefreshResult {
  return later(`the refresh was answered with ${response.status}`, response);
}
