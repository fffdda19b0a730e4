/**
 * Whether a page of our own sent a request. Cookies travel with every page's requests, so this is checked before
 * anything that a cookie can change.
 *
 * `SameSite=Lax` is not enough: a sibling subdomain is the same *site*. What the browser itself says (Fetch Metadata)
 * counts first, then `Origin`; a client that sends neither must speak JSON, which no HTML form can.
 */
export function isSameOrigin(request: Request, ownOrigin: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") return false;
  const origin = request.headers.get("origin");
  // "null" is another origin too: sandboxed frames and some referrer policies send it.
  if (origin !== null && origin !== ownOrigin) return false;
  return site !== null || origin !== null || isJson(request);
}

/**
 * Requests by cookie that must come from our own pages: every method that may change something, and every WebSocket.
 */
export function needsSameOrigin(request: Request): boolean {
  return !SAFE_METHODS.has(request.method) || isUpgrade(request);
}

export function isUpgrade(request: Request): boolean {
  return request.headers.has("upgrade");
}

/** A navigation, which needs a page as its response, as opposed to a call from script, which needs a status code. */
export function isDocument(request: Request): boolean {
  if (isUpgrade(request)) return false;
  const mode = request.headers.get("sec-fetch-mode");
  // Browsers without Fetch Metadata show by `Accept` that they want a page.
  if (mode !== null) return mode === "navigate";
  return (request.headers.get("accept") ?? "").includes("text/html");
}

// The safe methods of RFC 9110 §9.2.1 except TRACE, which `fetch` forbids.
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

function isJson(request: Request): boolean {
  const type = request.headers.get("content-type") ?? "";
  return type.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}
