// What is thrown by sessions: mistakes of a program, and stores that are away. What users do is answered, not thrown.

/** Every code there is. */
export const SESSION_ERROR_CODES = [
  "ERR_SESSION_OPTIONS",
  "ERR_SESSION_REQUEST",
  "ERR_SESSION_TOO_LARGE",
  "ERR_SESSION_RECORD",
  "ERR_SESSION_COMMAND",
  "ERR_SESSION_REVOKED",
  "ERR_STORE_UNAVAILABLE",
  "ERR_CLAIMS",
  "ERR_SCOPE",
  "ERR_POLICY",
  "ERR_SECRET_TOO_SHORT",
  "ERR_KEY_INVALID",
  "ERR_KID_INVALID",
  "ERR_KID_UNKNOWN",
  "ERR_KID_RETIRED",
  "ERR_KEY_UNSUPPORTED",
  "ERR_KEY_PASSPHRASE",
  "ERR_KEY_TOO_LARGE",
  "ERR_KEY_WEAK",
  "ERR_RANDOM_UNAVAILABLE",
  "ERR_DPOP_PROOF",
  "ERR_DPOP_MISMATCH",
  "ERR_DPOP_EXPIRED",
  "ERR_DPOP_NONCE",
  "ERR_DPOP_REPLAYED",
  "ERR_DPOP_KEY",
  "ERR_JWT_EXPIRED",
  "ERR_JWT_CLAIM",
  "ERR_JWT_FOREIGN",
  "ERR_JWT_MALFORMED",
  "ERR_JWT_SIGNATURE",
  "ERR_JWT_SCHEMA",
  "ERR_JWT_TOO_LARGE",
] as const;

/** What went wrong, for programs. */
export type SessionErrorCode = (typeof SESSION_ERROR_CODES)[number];

/** An error with a code. It never holds a token or a key. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Text, or why there is none. */
export type Attempt = { value: string; code?: never } | { code: SessionErrorCode };
