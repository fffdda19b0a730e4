// Every error carries a stable code; messages match those of npm jsonwebtoken where it has one.

import type { ErrorCode } from "./error-codes.js";
import { withCode } from "./with-code.js";

export type { ErrorCode } from "./error-codes.js";

/** An error with a code. */
export interface TandemError extends Error {
  readonly code: ErrorCode;
}

/** A token that was refused. */
export interface JsonWebTokenError extends Error {
  readonly code: ErrorCode;
  /** The cause of this error. Typed as in @types/jsonwebtoken, but set only if there is a cause. */
  inner: Error;
}

/** A token whose `exp` has passed, or whose age is past `maxAge`. */
export interface TokenExpiredError extends JsonWebTokenError {
  /** When it expired. */
  expiredAt: Date;
}

/** A token whose `nbf` is in the future. */
export interface NotBeforeError extends JsonWebTokenError {
  /** When it becomes valid. */
  date: Date;
}

/** Errors are functions rather than classes, so that code written for ES5 can call them on its own objects. */
export interface ErrorFunction<E extends Error, Rest extends unknown[]> {
  new (message: string, ...rest: Rest): E;
  (this: unknown, message: string, ...rest: Rest): E;
  readonly prototype: E;
}

/** The constructor of `JsonWebTokenError`. */
export const JsonWebTokenError = function JsonWebTokenError(
  this: unknown,
  message: string,
  inner?: Error,
  code: ErrorCode = "ERR_JWT_MALFORMED",
) {
  const error = made(this, new.target, JsonWebTokenError as unknown as Constructor) as JsonWebTokenError;
  own(error, "JsonWebTokenError", message, code);
  if (inner) error.inner = inner;
  return error;
} as unknown as ErrorFunction<JsonWebTokenError, [inner?: Error, code?: ErrorCode]>;
inherit(JsonWebTokenError, Error);

/** The constructor of `TokenExpiredError`. */
export const TokenExpiredError = function TokenExpiredError(this: unknown, message: string, expiredAt: Date) {
  const error = made(this, new.target, TokenExpiredError as unknown as Constructor) as TokenExpiredError;
  own(error, "TokenExpiredError", message, "ERR_JWT_EXPIRED");
  error.expiredAt = expiredAt;
  return error;
} as unknown as ErrorFunction<TokenExpiredError, [expiredAt: Date]>;
inherit(TokenExpiredError, JsonWebTokenError);

/** The constructor of `NotBeforeError`. */
export const NotBeforeError = function NotBeforeError(this: unknown, message: string, date: Date) {
  const error = made(this, new.target, NotBeforeError as unknown as Constructor) as NotBeforeError;
  own(error, "NotBeforeError", message, "ERR_JWT_NOT_ACTIVE");
  error.date = date;
  return error;
} as unknown as ErrorFunction<NotBeforeError, [date: Date]>;
inherit(NotBeforeError, JsonWebTokenError);

type Constructor = new (...args: never[]) => Error;

/** V8 only: captures the stack from the caller of a function on. */
const { captureStackTrace } = Error as { captureStackTrace?: (error: object, below?: unknown) => void };

/**
 * The error to fill in: a native error after `new`, otherwise the object that the function was called on, if it
 * inherits from ours.
 */
function made(self: unknown, target: unknown, ours: Constructor): Error {
  if (typeof target === "function") {
    const error = Reflect.construct(Error, [], target) as Error;
    captureStackTrace?.(error, target);
    return error;
  }
  if (!(self instanceof ours)) return made(undefined, ours, ours);
  if (captureStackTrace) captureStackTrace(self, self.constructor);
  else Object.defineProperty(self, "stack", { value: new Error().stack, configurable: true, writable: true });
  return self;
}

function inherit(child: { prototype: object }, parent: { prototype: object }): void {
  const prototype = Object.create(parent.prototype, {
    constructor: { value: child, configurable: true, writable: true },
  }) as object;
  Object.defineProperty(child, "prototype", { value: prototype, writable: false });
  Object.setPrototypeOf(child, parent);
}

/**
 * Name and message are own, enumerable and in this order, as in npm jsonwebtoken; the code is hidden from deep
 * comparisons.
 */
function own(error: Error, name: string, message: string, code: ErrorCode): void {
  error.name = name;
  error.message = message;
  withCode(error, code);
}

/** The error of a token that is refused. */
export function jwtError(message: string, code: ErrorCode): JsonWebTokenError {
  return new JsonWebTokenError(message, undefined, code);
}

/** A plain error with a code, for mistakes in the program; a `JsonWebTokenError` is for bad tokens. */
export function tandemError(code: ErrorCode, message: string, cause?: unknown): TandemError {
  return withCode(cause === undefined ? new Error(message) : new Error(message, { cause }), code);
}
