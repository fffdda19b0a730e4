// What the guard of an API is told: whose tokens it takes, and how it checks that their senders hold a key.

import { tandemError } from "../core/errors.js";
import type { AsyncVerifyKey } from "../jwt/api.js";
import type { Algorithm, JwtPayload, VerifyOptions } from "../jwt/types.js";
import type { SecretInput, Span } from "../session/index.js";
import type { SessionStore } from "../session/store.js";

/** The tokens that an API takes. */
export interface ProtectOptions {
  /** The issuer of the tokens: a key set that knows its issuer, or for several what `trustIssuers` made of them. */
  issuer: IssuerKeys | ChosenIssuer;
  /** The algorithms that the issuer signs with. Left out with `trustIssuers`, whose list has them. */
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

/** What is read of a request: with `dpop` its method and URL too, and never its body. */
export type GuardedRequest = Pick<Request, "headers"> & Partial<Pick<Request, "method" | "url">>;

/** Something that the operator of the API should hear of. Holds no token. */
export type ProtectEvent =
  /** `reason` is the code of the error; `claims` are those of a token that verified and was refused all the same. */
  | { readonly type: "refused"; readonly reason: string; readonly error?: unknown; readonly claims?: JwtPayload }
  /** The issuer's keys cannot be had, or the memory of proofs is away: 503, for the token may be good. */
  | { readonly type: "unavailable"; readonly error: unknown };

/** A key set that knows whose it is: `remoteKeys(url, { issuer })`, `remoteKeys.ofIssuer(issuer)` and their like. */
export type IssuerKeys = Extract<AsyncVerifyKey, (...header: never[]) => unknown> & {
  readonly issuer: string | undefined;
};

/** What `trustIssuers` makes: for each token its keys, and what to compare. */
export type ChosenIssuer = (token: string) => {
  readonly key: AsyncVerifyKey;
  readonly options: Pick<VerifyOptions, "issuer" | "algorithms" | "audience">;
};

/** How an API takes tokens that are bound to a key. */
export interface PossessionOptions {
  /**
   * Remembers each proof while it is good, so that a copy of one is refused: any store of sessions, for its `firstUse`.
   */
  store: Pick<SessionStore, "firstUse">;
  /**
   * The origin that clients know, such as "https://api.example". Default on Workers: that of the request. Elsewhere
   * nobody vouches for that, and a proof for another host would pass, so it is needed.
   */
  origin?: string | undefined;
  /** How long after its `iat` a proof is good, 1 s to 1 h. Default 60 s. */
  maxAge?: Span | undefined;
  /** Ask for nonces, each the current one for this long and good for as long again. Default: none are asked for. */
  nonces?: Span | undefined;
  /** The secrets that nonces are made from, newest first: the same on all servers. Needed with `nonces`. */
  nonceKeys?: SecretInput | SecretInput[] | undefined;
  /** Take no token that is not bound. Default false. */
  required?: boolean | undefined;
}

/** The error for options of a guard that could not be meant. */
export function protectOptionError(message: string): Error {
  return tandemError("ERR_JWT_OPTIONS", `protect: ${message}`);
}
