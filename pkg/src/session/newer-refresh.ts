// Which of two refresh tokens to keep.

import { decodeBase64 } from "../core/base64.js";
import { TextDecoder } from "../core/text.js";

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
  try {
    const { sid, gen } = JSON.parse(new TextDecoder().decode(decodeBase64((token ?? "").split(".")[1] ?? "")));
    return typeof gen === "number" ? { sid, gen } : undefined;
  } catch {
    return undefined;
  }
}
