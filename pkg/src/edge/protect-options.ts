// The options of an API guard: which tokens it accepts, and how it checks proofs of possession.

import { tandemError } from "../core/errors.js";
import type { AsyncVerifyKey } from "../jwt/api.js";
import type { Algorithm, JwtPayload, VerifyOptions } from "../jwt/types.js";
import type { SecretInput, Span } from "../session/index.js";
import type { SessionStore } from "../session/store.js";

/** The tokens that an API accepts. */
export interface ProtectOptions {
  /** The issuer of the tokens: a key set that knows its issuer, or for several the result of `trustIssuers`. */
  issuer: IssuerKeys | ChosenIssuer;
  /** The algorithms that the issuer signs with. Omitted with `trustIssuers`, whose list has them. */
  algorithms?: readonly Algorithm[];
  /**
   * The audience that the tokens must name: this API. `null` for an issuer whose tokens have no audience, such as
   * Cognito; `accept` must then reject tokens for other APIs. Omitted with `trustIssuers`.
   */
  audience?: string | readonly string[] | null;
  /** The scopes that every request needs, separated by spaces. `guard(request, { scope })` requires more. */
  scope?: string;
  /** The required `typ` of the header, such as `"at+jwt"` (RFC 9068), which keeps ID tokens out. */
  requiredTyp?: string;
  /** Required claims besides `exp`. */
  requiredClaims?: readonly string[];
  /** The clock tolerance in seconds. Default 0. */
  clockTolerance?: number;
  /** A final check of a verified token's claims. Any result other than `true` is answered with 401. */
  accept?: (claims: JwtPayload) => boolean | Promise<boolean>;
  /** How proofs of possession are checked. Without this option a key-bound token is refused. */
  dpop?: PossessionOptions;
  /** Called for each event. Errors that it throws are ignored. */
  on?: (event: ProtectEvent) => void;
  /** Whole seconds since 1970, for tests. */
  now?: () => number;
}

/** The parts of a request that are read: with `dpop` also its method and URL, but never its body. */
export type GuardedRequest = Pick<Request, "headers"> & Partial<Pick<Request, "method" | "url">>;

/** An event that the operator of the API should know about. It holds no token. */
export type ProtectEvent =
  /** `reason` is the code of the error; `claims` are those of a token that verified but was refused. */
  | { readonly type: "refused"; readonly reason: string; readonly error?: unknown; readonly claims?: JwtPayload }
  /** The issuer's keys or the proof memory are unavailable: 503, because the token may be valid. */
  | { readonly type: "unavailable"; readonly error: unknown };

/** A key set that knows its issuer: `remoteKeys(url, { issuer })`, `remoteKeys.ofIssuer(issuer)` and similar. */
export type IssuerKeys = Extract<AsyncVerifyKey, (...header: never[]) => unknown> & {
  readonly issuer: string | undefined;
};

/** The result of `trustIssuers`: the keys for each token, and the claims to compare. */
export type ChosenIssuer = (token: string) => {
  readonly key: AsyncVerifyKey;
  readonly options: Pick<VerifyOptions, "issuer" | "algorithms" | "audience">;
};

/** How an API accepts key-bound tokens. */
export interface PossessionOptions {
  /** Remembers each proof while it is valid, so that a replay is refused: any session store, for its `firstUse`. */
  store: Pick<SessionStore, "firstUse">;
  /**
   * The origin that clients know, such as "https://api.example". Default on Workers: the request's own. It is required
   * elsewhere, because nobody vouches for the request's host and a proof for another host would pass.
   */
  origin?: string | undefined;
  /** How long after its `iat` a proof is valid, 1 s to 1 h. Default 60 s. */
  maxAge?: Span | undefined;
  /** Require nonces, each current for this long and accepted for as long again. Default: nonces are not required. */
  nonces?: Span | undefined;
  /** The secrets that nonces are derived from, newest first: the same on all servers. Required with `nonces`. */
  nonceKeys?: SecretInput | SecretInput[] | undefined;
  /** Reject tokens that are not key-bound. Default false. */
  required?: boolean | undefined;
}

/** The error for invalid guard options. */
export function protectOptionError(message: string): Error {
  return tandemError("ERR_JWT_OPTIONS", `protect: ${message}`);
}
