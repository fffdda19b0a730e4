/** Text that UTF-8 can hold: two texts that differ only in half characters would be one in a token. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !/\p{Surrogate}/u.test(value);
}
