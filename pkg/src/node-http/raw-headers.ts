// Node's raw headers as web `Headers`.

/** Hop-by-hop headers, which concern one connection and are not forwarded (RFC 9110 section 7.6.1). */
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

/**
 * The headers to forward, from Node's list of alternating names and values. Node's parsed headers drop some repeated
 * ones.
 */
export function headersOf(rawHeaders: readonly string[]): Headers {
  const headers = new Headers();
  const named = new Set<string>();
  for (const [name, value] of pairs(rawHeaders)) {
    // Headers named in Connection concern only this connection too (RFC 9110 section 7.6.1).
    if (name === "connection") for (const token of value.split(",")) named.add(token.trim().toLowerCase());
  }
  for (const [name, value] of pairs(rawHeaders)) {
    // Names that begin with a colon are HTTP/2 pseudo-headers.
    if (!name.startsWith(":") && !HOP_BY_HOP.has(name) && !named.has(name)) headers.append(name, value);
  }
  return headers;
}

function* pairs(rawHeaders: readonly string[]): Generator<[name: string, value: string]> {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    yield [rawHeaders[at]?.toLowerCase() ?? "", rawHeaders[at + 1] ?? ""];
  }
}
