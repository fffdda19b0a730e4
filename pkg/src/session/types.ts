// The types of sessions.

import type { SchemaIssue, SchemaOutput, StandardSchema } from "../jwt/schema.js";
import type { Algorithm, Jwk } from "../jwt/types.js";
import type { SessionErrorCode } from "./errors.js";
import type { SessionStore } from "./store.js";

/** The application's own claims. It cannot set registered names such as sub, exp and scope. */
export type Claims = Record<string, unknown>;

/** How refresh tokens travel. A session keeps its transport. */
export type Transport = "cookie" | "bearer";

/** Seconds, or a time span with a unit such as `"15m"`. */
export type Span = number | string;

/** A secret of at least 32 bytes. The default `kid` is a fingerprint. */
export type SecretInput = string | Uint8Array | { kid?: string | undefined; secret: string | Uint8Array };

/**
 * A key pair that signs, or a public key that only verifies, as PEM or JWK. With public keys alone sessions only
 * verify.
 */
export interface KeyPairInput {
  /** Default: the JWK's, else the thumbprint of the key (RFC 7638). */
  kid?: string | undefined;
  /** Default: the JWK's, else what the key is for; `"RS256"` for a plain RSA key. */
  algorithm?: Algorithm | undefined;
  key: string | Uint8Array | Jwk;
}

/** A key of access tokens. */
export type AccessKeyInput = SecretInput | KeyPairInput;

/** How sessions are made. Times without a unit are seconds. */
export interface SessionOptions {
  /** The `iss` of all tokens. */
  issuer: string;
  /** The `aud` of access tokens: the services that accept them. */
  audience: string | string[];
  /** The `client_id` of access tokens (RFC 9068 section 2.2). */
  clientId: string;
  keys: {
    /**
     * The keys that sign access tokens: a secret with HS256, a key pair with its own algorithm. Newest first; the
     * others only verify.
     */
    access: AccessKeyInput | AccessKeyInput[];
    /**
     * The secrets from which the keys of refresh tokens are derived. Default: the access secrets; required if an access
     * key is a key pair. Newest first: deploy a new one in second place everywhere, then move it to the front, and keep
     * the old one for `refreshIdle` after that.
     */
    refresh?: SecretInput | SecretInput[] | undefined;
    /**
     * Refresh keys that are no longer valid, each by its name or by the `kid` of its tokens. Their tokens are refused
     * permanently. A token of a key that is only unknown is not, because the key may still be deployed.
     */
    retired?: string[] | undefined;
  };
  store: SessionStore;
  /** How long an access token is valid. Default 15 minutes. */
  accessTtl?: Span | undefined;
  /** How long a session lives without a refresh. Default 14 days. */
  refreshIdle?: Span | undefined;
  /** How long a session lives at most. Default 90 days. */
  absolute?: Span | undefined;
  /** How long a retry gets the same successor: covers the round trip, 5 s, clock skew and 1 s. Default 30 s. */
  grace?: Span | undefined;
  /**
   * How long after its first rotation a parent can still recover the session, if the answer was lost. Default:
   * `refreshIdle`, so as long as the session lives, or 0 in profile "strict".
   */
  recovery?: Span | undefined;
  /** How many times one refresh token is handed out again. Default 10. */
  handOuts?: number | undefined;
  /** The largest share by which access tokens are randomly shortened, 0 to 0.05. Default 0.05. */
  jitter?: number | undefined;
  /** "strict" never recovers: a thief who misses a window is caught, but a lost answer or a sleep signs a user out. */
  profile?: "standard" | "strict" | undefined;
  /**
   * How many live sessions a user may have. Beyond that, each sign-in ends one: a session that was never refreshed and
   * whose access token has expired, or else the one refreshed least recently. Default: any number. This does not
   * protect against a stolen password.
   */
  maxSessions?: number | undefined;
  /** How proofs of possession are checked (RFC 9449). */
  dpop?: DpopOptions | undefined;
  /**
   * Returns the application's claims; called again at every refresh. If it fails, nothing is refreshed, and the client
   * is told to retry.
   */
  claims?: ((session: SessionView) => Claims | Promise<Claims>) | undefined;
  /** Called for everything that happens. Its exceptions are ignored. */
  on?: ((event: SessionEvent) => void) | undefined;
  /** The clock, in seconds since 1970. Default: `Date.now`. */
  now?: (() => number) | undefined;
}

/** How proofs of possession are checked. */
export interface DpopOptions {
  /** How long a proof is valid after its `iat`, 1 s to 1 h. Default 60 s. */
  maxAge?: Span | undefined;
  /**
   * Require nonces. Each is current for this long, 1 s to 1 h, and valid for as long again, so that only your clock
   * decides how old a proof can be. All servers with the same refresh keys know the nonces. Default: none required.
   */
  nonces?: Span | undefined;
  /** Issue no session without a proof. Default false. */
  required?: boolean | undefined;
}

/** The proof that came with a request, and the request (RFC 9449 section 4.3). */
export interface DpopRequest {
  /** The header `DPoP`; null if there was none. */
  proof: string | null | undefined;
  /** The method, such as `"POST"`. */
  method: string;
  /** The whole URL, as the sender knows it. Query and fragment are ignored. */
  url: string;
}

/** The request for a new session. */
export interface IssueRequest {
  sub: string;
  claims?: Claims | undefined;
  /** The granted scope: names separated by single spaces. */
  scope?: string | undefined;
  /** Default "bearer". */
  transport?: Transport | undefined;
  /** How strongly the user authenticated. */
  acr?: string | undefined;
  /**
   * When the sign-in began, in seconds since 1970: before you asked for credentials. If all sessions of the user were
   * revoked after that, none is issued; the ages of both are compared, each by its own clock. Give `Date.now() / 1000`
   * with its fraction, because a whole second counts from its start. Default: now, without this check.
   */
  authTime?: number | undefined;
  /** A name for the list of sessions, such as "Firefox on Linux". */
  device?: string | undefined;
  /**
   * A proof binds the session to its key: each refresh, and each use of its access tokens, needs another proof by it.
   */
  dpop?: DpopRequest | undefined;
}

/** The request that presents a refresh token. */
export interface RefreshRequest {
  /** How the token travelled. Default "bearer". */
  transport?: Transport | undefined;
  /** The scope of the new access token, within the granted scope. */
  scope?: string | undefined;
  dpop?: DpopRequest | undefined;
}

/** The changes of a step-up. An omitted member keeps its value. */
export interface StepUpRequest {
  /** How strongly the user authenticated this time. */
  acr: string;
  /** How the refresh token travelled. Default "bearer". */
  transport?: Transport | undefined;
  claims?: Claims | undefined;
  scope?: string | undefined;
  authTime?: number | undefined;
  /** Required if the session is bound to a key; the new session is bound to the same key. */
  dpop?: DpopRequest | undefined;
}

/** The claims of an access token (RFC 9068). Times are seconds since 1970. */
export interface AccessClaims {
  iss: string;
  sub: string;
  aud: string | string[];
  client_id: string;
  iat: number;
  exp: number;
  jti: string;
  sid: string;
  scope?: string;
  auth_time: number;
  acr?: string;
  /** The thumbprint of the key that the token is bound to (RFC 9449 section 6.1). */
  cnf?: { jkt: string };
  // The application's own.
  [claim: string]: unknown;
}

/** Tokens. */
export interface TokenPair {
  ok: true;
  outcome: "issued" | "rotated" | "grace" | "recovered" | "debounced";
  sid: string;
  sub: string;
  access: string;
  /** The refresh token to keep: the presented one, or its successor. */
  refresh: string;
  /** Whether `refresh` differs from the presented token. If it does not, do not save it. */
  refreshChanged: boolean;
  /**
   * The `Set-Cookie` headers that store the refresh token in the cookie `__Host-Http-refresh`; empty if the token has
   * not changed, and for bearer sessions.
   */
  setCookies: string[];
  /** "DPoP": valid only with a proof by the session's key. */
  tokenType: "Bearer" | "DPoP";
  /** For how many seconds the access token is valid. */
  expiresIn: number;
  /** The claims of the access token. */
  claims: AccessClaims;
  scope?: string;
  /** Seconds until the session ends unless it is refreshed. */
  refreshExpiresIn: number;
  /** When the tokens were made, in seconds. Write no cookies from them more than 5 s later. */
  handedOutAt: number;
}

/** No tokens. Only `invalid_grant` means that the session is over. */
export interface Refusal {
  ok: false;
  error:
    | "invalid_request"
    | "invalid_grant"
    | "invalid_scope"
    | "invalid_dpop_proof"
    | "use_dpop_nonce"
    | "temporarily_unavailable";
  /** The HTTP status of a token endpoint (RFC 6749 section 5.2): 400, or 503 for "temporarily_unavailable". */
  status: 400 | 503;
  /** Whether the token is still valid and a retry may succeed: later, or with another proof. */
  retryable: boolean;
  /** Seconds. */
  retryAfter?: number;
  /** With "use_dpop_nonce": the nonce for the header `DPoP-Nonce`. */
  dpopNonce?: string;
}

/** How to verify an access token. */
export interface VerifyRequest {
  /** The scope that the token must include. */
  scope?: string | undefined;
  /** Ask the store whether the session is still live. Costs one read. */
  checkSession?: boolean | undefined;
  /**
   * The schema that the claims must match, from zod, valibot, arktype or another Standard Schema library. It may return
   * a promise. Its output is returned as the claims.
   */
  schema?: StandardSchema | undefined;
  /** A key-bound token is valid only with a proof by its key; any other token, only without a proof. */
  dpop?: DpopRequest | undefined;
}

/** The result; the claims are as the schema returns them, if there is one. */
export type Verification<Output = AccessClaims> =
  | { ok: true; claims: Output }
  | {
      ok: false;
      error:
        | "invalid_token"
        | "insufficient_scope"
        | "invalid_dpop_proof"
        | "use_dpop_nonce"
        | "temporarily_unavailable";
      /** The HTTP status of a protected resource (RFC 6750 section 3.1). */
      status: 401 | 403 | 503;
      reason: SessionErrorCode;
      /** With the reason `ERR_JWT_SCHEMA`: what is wrong, and where. It may quote the claims. */
      issues?: readonly SchemaIssue[];
      /** With "use_dpop_nonce": the nonce for the header `DPoP-Nonce`. */
      dpopNonce?: string;
    };

/** The answer to an introspection of an access token (RFC 7662 §2.2). */
export type Introspection = { active: true; claims: AccessClaims } | { active: false };

/** The answer to an introspection of a refresh token: the session that it belongs to. */
export type RefreshIntrospection = { active: true; session: SessionView } | { active: false };

/** The parts of a session that may be shown. Times are in seconds since 1970. */
export interface SessionView {
  sid: string;
  sub: string;
  createdAt: number;
  /** When its current refresh token was made. */
  refreshedAt: number;
  /** When it ends unless it is refreshed. */
  expiresAt: number;
  absoluteExpiresAt: number;
  transport: Transport;
  scope?: string;
  acr?: string;
  authTime: number;
  device?: string;
  claims: Claims;
}

/** Something that happened to a session. */
export type SessionEvent =
  | ({
      readonly type:
        | "issued"
        | "rotated"
        /** A retry got the same successor. */
        | "grace"
        /** The token is still on its way to other tabs: it got only an access token. */
        | "debounced"
        /** The parent came too often within the grace: it got only an access token. */
        | "hand_outs_used"
        /** The parent came after the grace; its first successor is burned. */
        | "recovered"
        /** A token was newer than the record: the store lost writes. */
        | "regression"
        | "clock_regression"
        | "expired"
        | "superseded"
        /** The token came by the wrong transport, or without a proof by its key. */
        | "binding_mismatch"
        /** The request asked for more scope than was granted. */
        | "scope_exceeded"
        /** The session was ended because there were more than `maxSessions`. */
        | "evicted";
    } & Whose)
  /** The store gave a record that this version cannot read; without a `sid` if it came from a list. */
  | { readonly type: "record_unreadable"; readonly sub: string; readonly sid?: string }
  /**
   * A replaced token came back, and the session was revoked. "older": a successor was used, so somebody has a copy;
   * page somebody. "late-parent": no successor was used, and a `recovery` shorter than the idle time is over, so
   * perhaps an answer was lost.
   */
  | ({ readonly type: "reuse"; readonly evidence: "older" | "late-parent" } & Whose)
  /** A session was revoked, or a token came from a revoked session. */
  | ({ readonly type: "revoked"; readonly by: "request" | "token" } & Whose)
  /** All sessions of a user were revoked, except `except`, if any. */
  | { readonly type: "all_revoked"; readonly sub: string; readonly except?: string }
  /** A proof was invalid, and why. Do not tell the sender why. */
  | { readonly type: "dpop_refused"; readonly reason: SessionErrorCode; readonly sub: string; readonly sid?: string }
  /** Claims from the callback were dropped. */
  | ({
      readonly type: "claims_dropped";
      readonly reason: "reserved" | "too_large";
      readonly names: readonly string[];
    } & Whose)
  | ({ readonly type: "claims_failed"; readonly cause: unknown } & Whose)
  | ({ readonly type: "store_failed"; readonly cause: unknown } & Partial<Whose>)
  /**
   * "unknown_kid": this server does not have the key of a refresh token: deploy it here, or retire it. "retired_kid":
   * the key was retired, or is unknown and the token has expired. Anyone can write a `kid`.
   */
  | { readonly type: "unknown_kid" | "retired_kid"; readonly kid?: string };

interface Whose {
  readonly sid: string;
  readonly sub: string;
}

/** The sessions of one issuer. */
export interface Sessions {
  /** Issues a new session. Throws a `SessionError` for mistakes in the request, and if the store fails. */
  issue(request: IssueRequest): Promise<TokenPair>;
  /** Exchanges a refresh token for a new pair. */
  refresh(token: string, request?: RefreshRequest): Promise<TokenPair | Refusal>;
  /** Verifies an access token. */
  verify<Schema extends StandardSchema>(
    accessToken: string,
    request: VerifyRequest & { schema: Schema },
  ): Promise<Verification<SchemaOutput<Schema>>>;
  verify(accessToken: string, request?: VerifyRequest): Promise<Verification>;
  /**
   * Creates a stronger session from the session of this refresh token. The new session replaces the old one when it is
   * first refreshed; until then both are live.
   */
  stepUp(token: string, request: StepUpRequest): Promise<TokenPair | Refusal>;
  /**
   * Whether an access token is valid and its session is live (RFC 7662). Checks no proof of possession: the server that
   * received the token does that, by the claim `cnf`. Throws if the store fails.
   */
  introspect(accessToken: string): Promise<Introspection>;
  /**
   * Whether a refresh token is the current one of a live session. A replaced token is not active, although it can still
   * recover a lost answer. Nothing is used up. Throws if the store fails, and for an unknown key.
   */
  introspectRefresh(refreshToken: string): Promise<RefreshIntrospection>;
  /** Ends the session of an access or refresh token; false if the token is not ours. Throws if the store fails. */
  revoke(token: string): Promise<boolean>;
  /** Ends one session of a user, by its `sid`; false if it does not exist. Throws if the store fails. */
  revokeSession(sub: string, sid: string): Promise<boolean>;
  /** Ends all sessions of a user, except `except`, if given. Throws if the store fails. */
  revokeAll(sub: string, options?: { except?: string | undefined }): Promise<void>;
  /** The live sessions of a user. Throws if the store fails. */
  list(sub: string): Promise<SessionView[]>;
  /** The public halves of the access keys, for `/.well-known/jwks.json` (RFC 7517 section 5). No secrets are in it. */
  jwks(): { keys: Jwk[] };
  /** The nonce for the header `DPoP-Nonce` of any answer (RFC 9449 section 8.2); undefined if none are required. */
  dpopNonce(): string | undefined;
}
