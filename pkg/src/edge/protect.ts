/**
 * The guard of an API that only verifies: access tokens that somebody else issued, as `Authorization: Bearer` (RFC
 * 6750) or `DPoP` (RFC 9449), and neither cookies nor sessions. What it answers is of the same make as what the edge
 * answers.
 */

import type { Algorithm, JwtPayload } from "../jwt/types.js";
import type { ChosenIssuer, IssuerKeys } from "./issuers.js";
import { judgeOf } from "./judge.js";
import type { PossessionOptions } from "./possession.js";
import { errorResponse } from "./responses.js";

/** Something that the operator of the API should hear of. Holds no token. */
export type ProtectEvent =
  /** `reason` is the code of the error; `claims` are those of a token that verified and was refused all the same. */
  | { readonly type: "refused"; readonly reason: string; readonly error?: unknown; readonly claims?: JwtPayload }
  /** The issuer's keys cannot be had, or the memory of proofs is away: 503, for the token may be good. */
  | { readonly type: "unavailable"; readonly error: unknown };

/** What tokens an API takes. */
export interface ProtectOptions {
  /** Whose tokens: a key set that knows its issuer, or for several what `trustIssuers` made of them. */
  issuer: IssuerKeys | ChosenIssuer;
  /** With which algorithms that issuer signs. Left out with `trustIssuers`, whose list says it. */
  algorithms?: readonly Algorithm[];
  /**
   * Who the tokens must be for: this API. `null` for an issuer whose tokens do not say, such as Cognito: then `accept`
   * has to tell tokens for others apart. Left out with `trustIssuers`.
   */
  audience?: string | readonly string[] | null;
  /** What every request needs, names separated by blanks. `guard(request, { scope })` asks for more. */
  scope?: string;
  /** The `typ` of the header, such as `"at+jwt"` (RFC 9068), which keeps ID tokens out. */
  requiredTyp?: string;
  /** Claims that must be there, beside `exp`. */
  requiredClaims?: readonly string[];
  /** By how many seconds the clocks may differ: none by default. */
  clockTolerance?: number;
  /** A last look at the claims of a token that verified. What is not true is 401. */
  accept?: (claims: JwtPayload) => boolean | Promise<boolean>;
  /** How proofs of possession are checked. Without it a token that is bound to a key is refused. */
  dpop?: PossessionOptions;
  /** Called for each event. What it throws is passed over. */
  on?: (event: ProtectEvent) => void;
  /** Whole seconds since 1970, for tests. */
  now?: () => number;
}

/** `response` is there when the request is refused; else the token is good, and these are its claims. */
export type Guarded =
  | { readonly response: Response; readonly claims?: undefined; readonly token?: undefined }
  | { readonly response?: undefined; readonly claims: JwtPayload; readonly token: string };

/** What is read of a request: with `dpop` its method and URL too, and never its body. */
export type GuardedRequest = Pick<Request, "headers"> & Partial<Pick<Request, "method" | "url">>;

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
