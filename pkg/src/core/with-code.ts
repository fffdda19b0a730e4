import type { ErrorCode } from "./error-codes.js";

/** Adds a code to an error, hidden from deep comparisons. */
export function withCode<E>(error: E, code: ErrorCode): E & { readonly code: ErrorCode } {
  return Object.defineProperty(error, "code", { value: code, configurable: true, writable: true }) as E & {
    code: ErrorCode;
  };
}
