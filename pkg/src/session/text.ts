/** A non-empty string without lone surrogates: two strings that differ only in those would be the same in a token. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !/\p{Surrogate}/u.test(value);
}
