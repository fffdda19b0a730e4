/**
 * Where a person continues after signing in: always a path of this origin. Some parsers read `//elsewhere.example`,
 * `/\elsewhere.example` and `javascript:` as paths or links, so the platform's URL parser decides.
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
  // "/.//elsewhere.example" has our origin as a URL, but the resulting path would send the browser elsewhere.
  return url.origin === ownOrigin && !path.startsWith("//") ? path : "/";
}

/** The sign-in page with the way back to `request`, if it can be repeated (a POST cannot). */
export function signInLocation(signIn: string, request: Request, ownOrigin: string): string {
  const url = new URL(request.url);
  const back = request.method === "GET" ? returnPath(url.pathname + url.search, ownOrigin) : "/";
  if (back === "/" || back.length > MAX_RETURN_PATH) return signIn;
  return `${signIn}${signIn.includes("?") ? "&" : "?"}return=${encodeURIComponent(back)}`;
}

// In characters. Escaping may triple the length, which servers still accept in a request line.
const MAX_RETURN_PATH = 2_048;
