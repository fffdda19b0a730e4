// Detects the kinds of values that users pass in, by tag: a test runner may run their code in another realm than ours,
// where `instanceof` fails.

/** The tag of a value, such as `[object RegExp]`. */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

/** Whether a value is a Uint8Array, which includes Node's Buffer. */
export function isBytes(value: unknown): value is Uint8Array<ArrayBuffer> {
  return ArrayBuffer.isView(value) && tagOf(value) === "[object Uint8Array]";
}

/** A regular expression. */
export function isRegExp(value: unknown): value is RegExp {
  return tagOf(value) === "[object RegExp]";
}

/** An error. */
export function isError(value: unknown): value is Error {
  return tagOf(value) === "[object Error]" || value instanceof Error;
}

/** A fetch response, including that of a test runner or framework with its own class. */
export function isResponse(value: object | null | undefined): value is Response {
  return tagOf(value) === "[object Response]";
}
