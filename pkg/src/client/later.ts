// A refresh that decided nothing.

import { ClientError, type RefreshResult } from "./types.js";

/** The longest wait that a server may ask for, in seconds. */
const LONGEST_RETRY_AFTER = 300;

export function later(message: string, response?: Response): RefreshResult {
  const cause = new ClientError("ERR_REFRESH", message, response?.status);
  return { kind: "later", cause, retryAfter: response && retryAfter(response) };
}

/** The result of a refresh whose answer neither brings a token nor ends the session. */
export function undecided(response: Response): RefreshResult {
  return later(`the refresh was answered with ${response.status}`, response);
}

/** Seconds to wait (RFC 9110 §10.2.3), where the server said a number. */
function retryAfter(response: Response): number | undefined {
  const seconds = Number.parseFloat(response.headers.get("retry-after") ?? "");
  // Bounded: a proxy that says a day must not keep a page from refreshing for a day. A date is not a number, and is
  // ignored.
  return seconds >= 0 ? Math.min(seconds, LONGEST_RETRY_AFTER) : undefined;
}
