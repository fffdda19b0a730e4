// The errors of key sets. The error classes of core are not used, because they would be a tenth of this entry.

import type { ErrorCode } from "../core/errors.js";

/** A plain error with a code that does not change. */
export function keysError(code: ErrorCode, message: string, cause?: unknown): Error {
  return Object.defineProperty(new Error(message, { cause }), "code", { value: code, configurable: true });
}
