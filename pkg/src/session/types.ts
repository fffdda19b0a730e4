// The types of sessions.

import type { SchemaIssue, SchemaOutput, StandardSchema } from "../jwt/schema.js";
import type { Algorithm, Jwk } from "../jwt/types.js";
import type { SessionErrorCode } from "./errors.js";
import type { SessionStore } from "./store.js";

/** The application's own claims. The registered names are not for it to set: sub, exp, scope and their like. */
export type Claims = Record<string, unknown>;

/** How refresh tokens travel. A session keeps to the one it began with. */
export type Transport = "cookie" | "bearer";

/** Seconds, or a time span with a unit such as `"15m"`. */
export type Span = number | string;

/** A secret of at least 32 bytes. Without a `kid` it is named by a fingerprint. */
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
  /** The `aud` of access tokens: who is to take them. */
  audience: string | string[];
  /** The `client_id` of access tokens (RFC 9068 section 2.2). */
  clientId: string;
  keys: {
    /**
     * Sign access tokens: a secret by HS256, a key pair by its own algorithm. Newest first; the others still verify.
     */
    access: AccessKeyInput | AccessKeyInput[];
    /**
     * Refresh tokens' keys are derived from these secrets. Default: from the access secrets; needed where one of those
     * is a key pair. Newest first: deploy a new one as the second everywhere, then move it to the front, and keep the
     * old one for `refreshIdle` from then on.
     */
    refresh?: SecretInput | SecretInput[] | undefined;
    /**
     * Names of refresh keys that count no more, as they were given or as the `kid` of their tokens: those are over.
     * Without it a key that is not known may be one that has not arrived yet, and its tokens are kept.
     */
    retired?: string[] | undefined;
  };
  store: SessionStore;
  /** How long an access token is good. Default 15 minutes. */
  accessTtl?: Span | undefined;
  /** How long a session lives without a refresh. Default 14 days. */
  refreshIdle?: Span | undefined;
  /** How long a session lives whatever happens. Default 90 days. */
  absolute?: Span | undefined;
  /** How long a retry gets the same answer: round trip, 5 s, clock skew and 1 s. Default 30 s. */
  grace?: Span | undefined;
  /**
   * How long after its first rotation a parent still recovers the session, when its answer was lost. Default: as long
   * as the session lives (`refreshIdle`), and 0 in profile "strict".
   */
  recovery?: Span | undefined;
  /** How often one refresh token is handed out again. Default 10. */
  handOuts?: number | undefined;
  /** The share by which chance shortens access tokens, 0 to 0.05. Default 0.05. */
  jitter?: number | undefined;
  /** "strict" never recovers: a lost answer and a sleep sign the user out, and no thief survives a missed window. */
  profile?: "standard" | "strict" | undefined;
  /**
   * How many sessions of one user live at once; a sign-in beyond that ends one. First those that were never refreshed
   * and whose access token is over, then the one that was not refreshed for the longest. Default: any number. It is no
   * defence against a password that somebody knows.
   */
  maxSessions?: number | undefined;
  /** How proofs of possession are judged (RFC 9449). */
  dpop?: DpopOptions | undefined;
  /**
   * The application's claims, read again at every refresh. If it fails nothing is refreshed, and a retry is asked for.
   */
  claims?: ((session: SessionView) => Claims | Promise<Claims>) | undefined;
  /** Hears of everything that happens. What it throws is dropped. */
  on?: ((event: SessionEvent) => void) | undefined;
  /** The clock, in seconds since 1970. Default: `Date.now`. */
  now?: (() => number) | undefined;
}

/** How proofs of possession are judged. */
export interface DpopOptions {
  /** How long after its `iat` a proof is good, 1 s to 1 h. Default 60 s. */
  maxAge?: Span | undefined;
  /**
   * Ask for nonces, each the current one for this long, 1 s to 1 h, and good for as long again: then no clock but
   * yours decides how old a proof can be. All servers with the same refresh keys know them. Default: none are asked
   * for.
   */
  nonces?: Span | undefined;
  /** Begin no session without a proof. Default false. */
  required?: boolean | undefined;
}

/** The proof that came with a request, and the request (RFC 9449 section 4.3). */
export interface DpopRequest {
  /** The header `DPoP`; null if there was none. */
  proof: string | null | undefined;
  /** The method, such as `"POST"`. */
  method: string;
  /** The whole URL, as the sender knows it. Query and fragment do not count. */
  url: string;
}

/** The request for a new session. */
export interface IssueRequest {
  sub: string;
  claims?: Claims | undefined;
  /** The granted scope: names with single spaces between them. */
  scope?: string | undefined;
  /** Default "bearer". */
  transport?: Transport | undefined;
  /** How well the user proved who they are. */
  acr?: string | undefined;
  /**
   * When they did, in seconds since 1970: the time before they were asked. If all their sessions were revoked from
   * then on, none is issued: the ages of both are compared, each in one clock. Give `Date.now() / 1000` with its
   * fraction, for a whole second counts from its beginning.
   * Default: now, and no such check.
   */
  authTime?: number | undefined;
  /** A name for the list of sessions, such as "Firefox on Linux". */
  device?: string | undefined;
  /**
   * A proof binds the session to its key: nobody refreshes it, or uses its access tokens, without another by that key.
   */
  dpop?: DpopRequest | undefined;
}

/** The request that presents a refresh token. */
export interface RefreshRequest {
  /** How the token travelled. Default "bearer". */
  transport?: Transport | undefined;
  /** For the access token that is asked for, within what was granted. */
  scope?: string | undefined;
  dpop?: DpopRequest | undefined;
}

/** The changes of a step-up. A member that is left out stays as it was. */
export interface StepUpRequest {
  /** How well the user proved who they are this time. */
  acr: string;
  /** How the refresh token travelled. Default "bearer". */
  transport?: Transport | undefined;
  claims?: Claims | undefined;
  scope?: string | undefined;
  authTime?: number | undefined;
  /** Of a session that is bound to a key; its successor is bound to the same. */
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
  /** The refresh token to keep: the one that was presented, or its successor. */
  refresh: string;
  /** Whether `refresh` is another token than the one that was presented. Write it nowhere if it is not. */
  refreshChanged: boolean;
  /**
   * The `Set-Cookie` headers that keep the refresh token in the cookie `__Host-Http-refresh`; empty if it has not
   * changed, and for sessions by bearer.
   */
  setCookies: string[];
  /** "DPoP": good only with a proof by the key of the session. */
  tokenType: "Bearer" | "DPoP";
  /** Seconds that the access token is good for. */
  expiresIn: number;
  /** Of the access token. */
  claims: AccessClaims;
  scope?: string;
  /** Seconds until the session ends unless it is refreshed. */
  refreshExpiresIn: number;
  /** When the tokens were made, in seconds. More than 5 s later no cookie should be written from them any more. */
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
  /** Whether the token is still good, and another try may succeed: later, or with another proof. */
  retryable: boolean;
  /** Seconds. */
  retryAfter?: number;
  /** With "use_dpop_nonce": the one to use, for the header `DPoP-Nonce`. */
  dpopNonce?: string;
}

/** How an access token is to be verified. */
export interface VerifyRequest {
  /** The scope that the token must at least allow. */
  scope?: string | undefined;
  /** Ask the store whether the session still lives. Costs one read. */
  checkSession?: boolean | undefined;
  /**
   * The schema that the claims must fit: of zod, valibot, arktype or another library that speaks Standard Schema. It
   * may answer with a promise. What it makes of the claims is the answer.
   */
  schema?: StandardSchema | undefined;
  /** A token that is bound to a key is good only with a proof by that key; one that is not, only without. */
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
      /** With "use_dpop_nonce": the one to use, for the header `DPoP-Nonce`. */
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
        /** A token came that is still on its way to others: an access token only. */
        | "debounced"
        /** The parent came too often within the grace: an access token only. */
        | "hand_outs_used"
        /** The parent came after the grace; its first successor is burned. */
        | "recovered"
        /** A token came that the store does not know yet, or no more: the store lost writes. */
        | "regression"
        | "clock_regression"
        | "expired"
        | "superseded"
        /** The token travelled otherwise than its session's do. */
        | "binding_mismatch"
        /** More was asked for than was granted. */
        | "scope_exceeded"
        /** The session was one too many beside a new one (`maxSessions`). */
        | "evicted";
    } & Whose)
  /** The store gave a record that this version cannot read; it has no `sid` where a list held it. */
  | { readonly type: "record_unreadable"; readonly sub: string; readonly sid?: string }
  /**
   * A token came that had been replaced: the session was revoked. "older": a successor of it was used, so somebody has
   * a copy; wake somebody. "late-parent": no successor was used, and a `recovery` shorter than the idle time is over,
   * so perhaps an answer was lost.
   */
  | ({ readonly type: "reuse"; readonly evidence: "older" | "late-parent" } & Whose)
  /** A session was revoked, or a token of one came that had been. */
  | ({ readonly type: "revoked"; readonly by: "request" | "token" } & Whose)
  /** All sessions of a user were revoked, but perhaps one. */
  | { readonly type: "all_revoked"; readonly sub: string; readonly except?: string }
  /** A proof that was not good, and why. The reason is not for the sender. */
  | { readonly type: "dpop_refused"; readonly reason: SessionErrorCode; readonly sub: string; readonly sid?: string }
  /** Claims from the callback that were left out. */
  | ({
      readonly type: "claims_dropped";
      readonly reason: "reserved" | "too_large";
      readonly names: readonly string[];
    } & Whose)
  | ({ readonly type: "claims_failed"; readonly cause: unknown } & Whose)
  | ({ readonly type: "store_failed"; readonly cause: unknown } & Partial<Whose>)
  /**
   * A refresh token was signed by a key that this server does not have: deploy it here, or retire it. "retired_kid": by
   * one that was retired, or the time of the token itself is over. Anyone may write a `kid`.
   */
  | { readonly type: "unknown_kid" | "retired_kid"; readonly kid?: string };

interface Whose {
  readonly sid: string;
  readonly sub: string;
}

/** The sessions of one issuer. */
export interface Sessions {
  /** Begins a session. Throws a `SessionError` for mistakes in the request, and if the store fails. */
  issue(request: IssueRequest): Promise<TokenPair>;
  /** Takes a refresh token and gives its successor. */
  refresh(token: string, request?: RefreshRequest): Promise<TokenPair | Refusal>;
  /** Verifies an access token. */
  verify<Schema extends StandardSchema>(
    accessToken: string,
    request: VerifyRequest & { schema: Schema },
  ): Promise<Verification<SchemaOutput<Schema>>>;
  verify(accessToken: string, request?: VerifyRequest): Promise<Verification>;
  /**
   * Raises a session of higher standing from the one whose refresh token this is. It takes that one's place as soon as
   * it is first refreshed; until then both live.
   */
  stepUp(token: string, request: StepUpRequest): Promise<TokenPair | Refusal>;
  /**
   * Whether an access token is good and its session lives (RFC 7662). Asks for no proof of possession: whoever was sent
   * the token asks for that, by the claim `cnf`. Throws if the store fails.
   */
  introspect(accessToken: string): Promise<Introspection>;
  /**
   * Whether a refresh token is the current one of a session that lives. One that was replaced is not active, though a
   * lost answer can still be asked for with it. Nothing is used up. Throws if the store fails, and for a key that is
   * not known here.
   */
  introspectRefresh(refreshToken: string): Promise<RefreshIntrospection>;
  /** Ends the session of an access or refresh token; false if it is none of ours. Throws if the store fails. */
  revoke(token: string): Promise<boolean>;
  /** Ends one session of a user, by its `sid`; false if there is none. Throws if the store fails. */
  revokeSession(sub: string, sid: string): Promise<boolean>;
  /** Ends all sessions of a user, but perhaps one. Throws if the store fails. */
  revokeAll(sub: string, options?: { except?: string | undefined }): Promise<void>;
  /** The sessions of a user that live. Throws if the store fails. */
  list(sub: string): Promise<SessionView[]>;
  /** The public halves of the access keys, for `/.well-known/jwks.json` (RFC 7517 section 5). Secrets are not in it. */
  jwks(): { keys: Jwk[] };
  /** The nonce for the header `DPoP-Nonce` of any answer (RFC 9449 section 8.2); undefined where none are asked for. */
  dpopNonce(): string | undefined;
}
