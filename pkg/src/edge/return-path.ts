/**
 * Where a person goes on after signing in: always a path of this origin. `//elsewhere.example`, `/\elsewhere.example`
 * and `javascript:` all look like paths or links to somebody; the URL parser of the platform has the last word.
 */
export function returnPath(wanted: string | null, ownOrigin: string): string {
  if (wanted === null || wanted.length > MAX_RETURN_PATH || !/^\/(?![/\\])/.test(wanted)) return "/";
  let url: URL;
  try {
    url = new URL(wanted, ownOrigin);
  } catch {
    return "/";
  }
  const path = url.pathname + url.search + url.hash;
  // "/.//elsewhere.example" has our origin as a URL and none as the path that a browser is then sent to.
  return url.origin === ownOrigin && !path.startsWith("//") ? path : "/";
}

/** The sign-in page with the way back to `request`, where that can be gone back to (a POST cannot). */
export function signInLocation(signIn: string, request: Request, ownOrigin: string): string {
  const url = new URL(request.url);
  const back = request.method === "GET" ? returnPath(url.pathname + url.search, ownOrigin) : "/";
  if (back === "/" || back.length > MAX_RETURN_PATH) return signIn;
  return `${signIn}${signIn.includes("?") ? "&" : "?"}return=${encodeURIComponent(back)}`;
}

// In characters. Escaped, they may become three times as many, which servers still take as a request line.
const MAX_RETURN_PATH = 2_048;
