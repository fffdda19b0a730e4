import type { AccessClaims } from "../session/index.js";

/**
 * The access tokens that were verified here, for a page sends the same one with each of its requests: a signature by a key
 * pair costs more than all else that the edge does. Only what verified is kept, and no more than `MAX_TOKENS` of it, so
 * nobody can fill it with what is not ours. When a token ends, and whether its session was revoked, is asked each time.
 */
export class VerifiedTokens {
  readonly #claims = new Map<string, string>();

  /** The claims of a token that verified before and has not ended; a copy of their own for each request. */
  get(token: string, now: number): AccessClaims | null {
    const text = this.#claims.get(token);
    if (text === undefined) return null;
    const claims = JSON.parse(text) as AccessClaims;
    if (claims.exp > now) return claims;
    this.#claims.delete(token);
    return null;
  }

  add(token: string, claims: AccessClaims): void {
    if (this.#claims.size >= MAX_TOKENS) {
      // The one that was added first; most likely it has ended.
      for (const oldest of this.#claims.keys()) {
        this.#claims.delete(oldest);
        break;
      }
    }
    this.#claims.set(token, JSON.stringify(claims));
  }
}

const MAX_TOKENS = 1_000;
