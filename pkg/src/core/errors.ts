// Every error carries a code that does not change; messages are those of npm jsonwebtoken where it has one.

/** Every code there is. */
export const ERROR_CODES = [
  "ERR_JWT_EXPIRED",
  "ERR_JWT_NOT_ACTIVE",
  "ERR_JWT_MISSING",
  "ERR_JWT_MALFORMED",
  "ERR_JWT_TOO_LARGE",
  "ERR_JWT_SIGNATURE",
  "ERR_JWT_ALGORITHM",
  "ERR_JWT_CLAIM",
  "ERR_JWT_HEADER",
  "ERR_JWT_OPTIONS",
  "ERR_JWT_PAYLOAD",
  "ERR_KEY_MISSING",
  "ERR_KEY_INVALID",
  "ERR_KEY_UNSUPPORTED",
  "ERR_KEY_PASSPHRASE",
  "ERR_KEY_TOO_LARGE",
  "ERR_KEY_NOT_FOUND",
  "ERR_KEY_CALLBACK",
  "ERR_WASM_TRAP",
  "ERR_WASM_UNAVAILABLE",
  "ERR_RANDOM_UNAVAILABLE",
] as const;

/** What went wrong, for programs. Messages are for people and may change. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error with a code. */
export interface TandemError extends Error {
  readonly code: ErrorCode;
}

/** A token that was refused. */
export class JsonWebTokenError extends Error implements TandemError {
  declare readonly code: ErrorCode;
  /** What led to this error. Typed as in @types/jsonwebtoken, and there only where there is something. */
  declare inner: Error;

  constructor(message: string, inner?: Error, code: ErrorCode = "ERR_JWT_MALFORMED") {
    super();
    own(this, "JsonWebTokenError", message, code);
    if (inner) this.inner = inner;
  }
}

/** A token whose `exp`, or whose age, has passed. */
export class TokenExpiredError extends JsonWebTokenError {
  /** When that was. */
  expiredAt: Date;

  constructor(message: string, expiredAt: Date) {
    super(message);
    own(this, "TokenExpiredError", message, "ERR_JWT_EXPIRED");
    this.expiredAt = expiredAt;
  }
}

/** A token whose `nbf` is still to come. */
export class NotBeforeError extends JsonWebTokenError {
  /** When it becomes valid. */
  date: Date;

  constructor(message: string, date: Date) {
    super(message);
    own(this, "NotBeforeError", message, "ERR_JWT_NOT_ACTIVE");
    this.date = date;
  }
}

/**
 * Name and message are own and enumerable, and in this order, as in npm jsonwebtoken; the code stays out of deep
 * comparisons.
 */
function own(error: Error, name: string, message: string, code: ErrorCode): void {
  error.name = name;
  error.message = message;
  withCode(error, code);
}

/** The error of a token that is refused. */
export function refused(message: string, code: ErrorCode): JsonWebTokenError {
  return new JsonWebTokenError(message, undefined, code);
}

/** The same error, with a code that does not show in deep comparisons. */
export function withCode<E>(error: E, code: ErrorCode): E & { readonly code: ErrorCode } {
  return Object.defineProperty(error, "code", { value: code, configurable: true, writable: true }) as E & {
    code: ErrorCode;
  };
}

/** A plain error with a code: for mistakes in a program, where a `JsonWebTokenError` is for bad tokens. */
export function tandemError(code: ErrorCode, message: string, cause?: unknown): TandemError {
  return withCode(cause === undefined ? new Error(message) : new Error(message, { cause }), code);
}
