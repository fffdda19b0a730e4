import type { ErrorCode } from "./error-codes.js";

/** Gives an error a code that deep comparisons do not see. */
export function withCode<E>(error: E, code: ErrorCode): E & { readonly code: ErrorCode } {
  return Object.defineProperty(error, "code", { value: code, configurable: true, writable: true }) as E & {
    code: ErrorCode;
  };
}
