// Which of two refresh tokens to keep.

import { unverifiedClaims } from "../core/unverified.js";

/**
 * The refresh token to keep: `next`, unless `stored` is a later one of the same session. For files and databases that
 * several processes write to, where a late answer must not replace a newer token.
 */
export function newerRefresh(stored: string | null | undefined, next: string): string {
  const [before, after] = [claimsOf(stored), claimsOf(next)];
  return before !== undefined && after !== undefined && before.sid === after.sid && before.gen > after.gen
    ? (stored as string)
    : next;
}

/** Read without a key: both tokens are the caller's own. */
function claimsOf(token: string | null | undefined): { sid: unknown; gen: number } | undefined {
  const { sid, gen } = unverifiedClaims(token ?? "");
  return typeof gen === "number" ? { sid, gen } : undefined;
}
