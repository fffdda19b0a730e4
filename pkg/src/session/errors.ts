// What is thrown by sessions: mistakes of a program, and stores that are away. What users do is answered, not thrown.

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

/** Text, or why there is none. */
export type TextOrCode = { value: string; code?: never } | { code: SessionErrorCode };
