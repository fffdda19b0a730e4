import type { ErrorCode } from "./error-codes.js";

/** The same error, with a code that does not show in deep comparisons. */
export function withCode<E>(error: E, code: ErrorCode): E & { readonly code: ErrorCode } {
  return Object.defineProperty(error, "code", { value: code, configurable: true, writable: true }) as E & {
    code: ErrorCode;
  };
}
