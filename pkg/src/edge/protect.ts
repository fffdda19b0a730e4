/**
 * The guard of an API that only verifies: it accepts access tokens of other issuers, as `Authorization: Bearer` (RFC
 * 6750) or `DPoP` (RFC 9449), without cookies or sessions. Its responses have the same form as those of the edge.
 */

import type { JwtPayload } from "../jwt/types.js";
import { judgeOf } from "./judge.js";
import type { GuardedRequest, ProtectOptions } from "./protect-options.js";
import { errorResponse } from "./responses.js";

/** `response` is set when the request is refused; otherwise the token is valid and `claims` are its claims. */
export type Guarded =
  | { readonly response: Response; readonly claims?: undefined; readonly token?: undefined }
  | { readonly response?: undefined; readonly claims: JwtPayload; readonly token: string };

/** Judges a request. */
export type Guard = (request: GuardedRequest, needs?: { readonly scope?: string }) => Promise<Guarded>;

/**
 * Creates the guard of an API. A list has one entry per issuer; the token's own `iss` selects the entry.
 *
 * ```js
 * const guard = protect({ issuer: remoteKeys.ofIssuer("https://id.example/"), algorithms: ["RS256"], audience: "api" });
 * const { response, claims } = await guard(request, { scope: "read" });
 * ```
 *
 * Throws an `ERR_JWT_OPTIONS` at once for invalid options.
 */
export function protect(options: ProtectOptions | readonly ProtectOptions[]): Guard {
  const judge = judgeOf(options);
  return async (request, needs) => {
    const judged = await judge(request, needs?.scope);
    if (judged.kind === "good") return { claims: judged.claims, token: judged.token };
    return { response: errorResponse(judged.code, judged.details) };
  };
}
