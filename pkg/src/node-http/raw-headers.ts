// The headers of a message of Node's as those of the web.

/** Headers that speak of one connection, and travel no further (RFC 9110 section 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "expect",
]);

/** The headers that travel on, of Node's list of names and values in turn. */
export function headersOf(rawHeaders: readonly string[]): Headers {
  const headers = new Headers();
  const named = new Set<string>();
  for (const [name, value] of pairs(rawHeaders)) {
    if (name === "connection") for (const token of value.split(",")) named.add(token.trim().toLowerCase());
  }
  for (const [name, value] of pairs(rawHeaders)) {
    // The names that begin with a colon are HTTP/2's own.
    if (!name.startsWith(":") && !HOP_BY_HOP.has(name) && !named.has(name)) headers.append(name, value);
  }
  return headers;
}

function* pairs(rawHeaders: readonly string[]): Generator<[name: string, value: string]> {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    yield [rawHeaders[at]?.toLowerCase() ?? "", rawHeaders[at + 1] ?? ""];
  }
}
