/**
 * The guard of an API that only verifies: access tokens that somebody else issued, as `Authorization: Bearer` (RFC
 * 6750) or `DPoP` (RFC 9449), and neither cookies nor sessions. What it answers is of the same make as what the edge
 * answers.
 */

import type { JwtPayload } from "../jwt/types.js";
import { judgeOf } from "./judge.js";
import type { GuardedRequest, ProtectOptions } from "./protect-options.js";
import { errorResponse } from "./responses.js";

/** `response` is there when the request is refused; else the token is good, and these are its claims. */
export type Guarded =
  | { readonly response: Response; readonly claims?: undefined; readonly token?: undefined }
  | { readonly response?: undefined; readonly claims: JwtPayload; readonly token: string };

/** Judges a request. */
export type Guard = (request: GuardedRequest, needs?: { readonly scope?: string }) => Promise<Guarded>;

/**
 * Makes the guard of an API. A list has one entry for each issuer, of which the token's own `iss` chooses one.
 *
 * ```js
 * const guard = protect({ issuer: remoteKeys.ofIssuer("https://id.example/"), algorithms: ["RS256"], audience: "api" });
 * const { response, claims } = await guard(request, { scope: "read" });
 * ```
 *
 * Throws an `ERR_JWT_OPTIONS` at once for options that could not be meant.
 */
export function protect(options: ProtectOptions | readonly ProtectOptions[]): Guard {
  const judge = judgeOf(options);
  return async (request, needs) => {
    const judged = await judge(request, needs?.scope);
    if (judged.kind === "good") return { claims: judged.claims, token: judged.token };
    return { response: errorResponse(judged.code, judged.details) };
  };
}
