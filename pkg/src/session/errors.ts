// The errors that sessions throw: mistakes of a program, and stores that do not answer. Mistakes of users are answered,
// not thrown.

import type { SessionErrorCode } from "../core/error-codes.js";

export type { SessionErrorCode } from "../core/error-codes.js";

/** An error with a code. It never holds a token or a key. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** A mistake in the options of `createSessions`. */
export function invalidOptions(message: string): SessionError {
  return new SessionError("ERR_SESSION_OPTIONS", `createSessions: ${message}`);
}

/** A mistake in what a program passes to one call, such as `issue` without a subject. */
export function invalidRequest(message: string): SessionError {
  return new SessionError("ERR_SESSION_REQUEST", message);
}

/** Text, or the code that says why there is none. */
export type TextOrCode = { value: string; code?: never } | { code: SessionErrorCode };
