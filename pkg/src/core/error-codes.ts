// The codes of all errors: one table, from which the types and docs/api/errors.md are generated. A test keeps
// src/error.rs in step with it.

/**
 * The API that throws it: `sign`, `verify` and related functions ("tokens"), `createSessions` ("sessions"), or both.
 */
type Speaker = "tokens" | "sessions" | "both";

const tokens = (means: string) => ({ by: "tokens", means }) as const;
const sessions = (means: string) => ({ by: "sessions", means }) as const;
const both = (means: string) => ({ by: "both", means }) as const;

/** Each code, which API throws it, and what it means. */
export const CODES = {
  ERR_JWT_EXPIRED: both("the token's `exp` has passed, or its age is past `maxAge`"),
  ERR_JWT_NOT_ACTIVE: tokens("the token's `nbf` is in the future"),
  ERR_JWT_MISSING: tokens("no token was given"),
  ERR_JWT_MALFORMED: both("the token is not three base64url parts with a valid header and payload"),
  ERR_JWT_TOO_LARGE: both("the token or the payload is longer than 8 MiB"),
  ERR_JWT_SIGNATURE: both("the signature does not match the token and the key, or is missing"),
  ERR_JWT_ALGORITHM: tokens("the algorithm is unknown, or not among those allowed"),
  ERR_JWT_CLAIM: both("a claim is not what the options require"),
  ERR_JWT_FOREIGN: sessions("the token is of another type, or of another issuer"),
  ERR_JWT_HEADER: tokens(
    "the header uses `crit` or `b64: false`, which are not supported, or its `typ` is not the required one",
  ),
  ERR_JWT_OPTIONS: tokens("an option of the call is not valid"),
  ERR_JWT_PAYLOAD: tokens("the payload cannot be signed"),
  ERR_JWT_SCHEMA: both("the payload does not fit the `schema`; `issues` says where"),
  ERR_JWT_SCHEMA_ASYNC: tokens("the `schema` is asynchronous, and the call is not"),
  ERR_KEY_MISSING: tokens("no key was given"),
  ERR_KEY_INVALID: both("the key is not valid, or cannot be used with this algorithm"),
  ERR_KEY_UNSUPPORTED: both("the type or format of the key is not supported"),
  ERR_KEY_PASSPHRASE: both(
    "the key is encrypted, and its passphrase is missing or wrong; `createSessions` takes none, so decrypt the key first",
  ),
  ERR_KEY_TOO_LARGE: both("the key is longer than 64 KiB, or the secret or key set longer than 1 MiB"),
  ERR_KEY_NOT_FOUND: tokens("no key in the set matches"),
  ERR_KEY_AMBIGUOUS: tokens("more than one key in the set matches"),
  ERR_KEY_SET_MIXED: tokens("the set holds both secrets and public keys, and `algorithms` does not say which to use"),
  ERR_KEY_TOO_SHORT: tokens("the secret of a JWK is shorter than the algorithm's hash (RFC 7518 section 3.2)"),
  ERR_KEY_WEAK: both("the RSA modulus can be factored (CVE-2017-15361)"),
  ERR_KEY_EXPENSIVE: tokens("checking the key file's passphrase would take more than about a second"),
  ERR_KEY_CALLBACK: tokens("the function that finds the key failed"),
  ERR_KEYS_UNAVAILABLE: tokens("the issuer's keys cannot be fetched now; the token may be valid"),
  ERR_WASM_TRAP: tokens("the wasm instance failed; the next call starts a new one"),
  ERR_WASM_UNAVAILABLE: tokens("the host does not allow the wasm to be compiled or started"),
  ERR_RANDOM_UNAVAILABLE: both("the host gave no random bytes"),
  ERR_SESSION_OPTIONS: sessions("an option of `createSessions` is not valid"),
  ERR_SESSION_REQUEST: sessions("an argument of a call is not valid"),
  ERR_SESSION_TOO_LARGE: sessions(
    "the session is too large: claims and device may take 2 KB, everything together 4 KB",
  ),
  ERR_SESSION_RECORD: sessions("the store gave a record that this version cannot read"),
  ERR_SESSION_COMMAND: sessions("a command or an outcome was written by another version"),
  ERR_SESSION_REVOKED: sessions("the session has ended"),
  ERR_STORE_UNAVAILABLE: sessions("the store did not answer; try again"),
  ERR_CLAIMS: sessions("the claims are not a plain object"),
  ERR_SCOPE: sessions(
    "a scope must be names separated by single spaces (RFC 6749 section 3.3); as the reason of a refusal: the token lacks the scope that was asked for",
  ),
  ERR_POLICY: sessions("the policy is not valid"),
  ERR_SECRET_TOO_SHORT: sessions("a secret must be at least 32 bytes (RFC 7518 section 3.2)"),
  ERR_KID_INVALID: sessions(
    "a kid must be 1 to 64 bytes and unique, and one in `keys.retired` must not also name a key",
  ),
  ERR_KID_UNKNOWN: sessions("the token's kid is not known here; its key may still be deployed"),
  ERR_KID_RETIRED: sessions("the token's kid is retired"),
  ERR_DPOP_PROOF: sessions(
    "the DPoP proof is malformed, or not signed by the key in its header (RFC 9449 section 4.3)",
  ),
  ERR_DPOP_MISMATCH: sessions("the DPoP proof is for another request or access token"),
  ERR_DPOP_EXPIRED: sessions("the DPoP proof is too old, or dated in the future"),
  ERR_DPOP_NONCE: sessions("the DPoP proof has no current nonce (RFC 9449 section 8)"),
  ERR_DPOP_REPLAYED: sessions("the DPoP proof was used before"),
  ERR_DPOP_KEY: sessions("the DPoP proof is signed by a key other than the token's"),
} satisfies Record<string, { by: Speaker; means: string }>;

type CodeBy<By extends Speaker> = {
  [Code in keyof typeof CODES]: (typeof CODES)[Code]["by"] extends By ? Code : never;
}[keyof typeof CODES];

/** The code of an error, for programs to branch on. Messages are for people and may change. */
export type ErrorCode = CodeBy<"tokens" | "both">;

/** The code of an error from the session API. */
export type SessionErrorCode = CodeBy<"sessions" | "both">;
