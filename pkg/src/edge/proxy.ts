/**
 * The proxy: the request as an origin may see it, and the response as a browser may see it.
 */
import type { Gate } from "./context.js";
import { withoutOurs, writesOurs } from "./cookies.js";
import { DROPPED_FROM_PRIVATE_RESPONSES, isDropped, privately, withoutCookieClearing } from "./headers.js";
import type { Identity } from "./identity.js";
import type { Fetching, Route } from "./routes.js";
import { type CookieWrites, stillTrue } from "./writes.js";

/** Sends a request to an origin without following redirects. */
export type Send = (request: Request) => Promise<Response>;

/**
 * The request headers without our cookies and all identity headers, and with verified values: the access token, our own
 * address, and the sender's address if the host knows it.
 */
export function forwardableHeaders(
  request: Request,
  site: Gate,
  token: string | null,
  identityHeaders: ReadonlySet<string>,
  address: string | null,
): Headers {
  const headers = new Headers(request.headers);
  for (const name of [...headers.keys()]) {
    if (isDropped(name, identityHeaders)) headers.delete(name);
  }
  const cookies = withoutOurs(headers.get("cookie"), site.jar.names);
  if (cookies === null) headers.delete("cookie");
  else headers.set("cookie", cookies);
  // Always as a bearer token: a DPoP proof covers the edge's address, and the edge has already checked it.
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  // Origins build links from these (to reset a password, say), so a client must not choose them.
  const { host, protocol } = new URL(site.origin);
  headers.set("x-forwarded-host", host);
  headers.set("x-forwarded-proto", protocol.slice(0, -1));
  if (address !== null) headers.set("x-forwarded-for", address);
  return headers;
}

export function forwardable(request: Request, headers: Headers): Request {
  // If a redirect to another host were followed here, it would carry the Authorization header along.
  return new Request(request, { headers, redirect: "manual" });
}

// `redirect` is set here too: a redirect that `fetch` followed would carry `Authorization` to another host.
const byFetch: Send = (request) => fetch(request, { redirect: "manual" });

export async function ask(
  origin: string | Fetching,
  request: Request,
  ownOrigin: string,
  send = byFetch,
): Promise<Response> {
  if (typeof origin !== "string") return origin.fetch(request);
  const url = new URL(request.url);
  // Without the slash that an origin may be given with.
  const inner = new URL(origin).origin;
  const target = new Request(inner + url.pathname + url.search, request);
  return pointBack(await send(target), inner, ownOrigin);
}

/** An origin that redirects to itself means its public address. */
function pointBack(response: Response, inner: string, ownOrigin: string): Response {
  const location = response.headers.get("location");
  // Only the origin's own address is rewritten. "https://api.internal.example" has the same prefix but is another host.
  if (location !== inner && location?.startsWith(`${inner}/`) !== true) return response;
  const copy = new Response(response.body, response);
  copy.headers.set("location", ownOrigin + location.slice(inner.length));
  return copy;
}

/** Controls Set-Cookie and Cache-Control on every response that leaves. */
export function finished(
  response: Response,
  site: Gate,
  identity: Pick<Identity, "byCookie" | "writes">,
  route: Route,
): Response {
  const lines = identity.writes !== null && stillTrue(identity.writes, site.now()) ? identity.writes.lines : [];
  return withCookies(response, site, lines, identity.byCookie && route.cache !== "public");
}

/** For responses of our own endpoints, which decide themselves what cookies they write. */
export function answered(response: Response, site: Gate, writes: CookieWrites | null): Response {
  return withCookies(response, site, writes?.lines ?? [], false);
}

function withCookies(response: Response, site: Gate, lines: readonly string[], isPrivate: boolean): Response {
  const theirs = response.headers.getSetCookie();
  // An origin that could set one of our cookies could sign a visitor in as someone else.
  const kept = theirs.filter((line) => !writesOurs(line, site.jar.names));
  const clears = response.headers.get("clear-site-data");
  // Returned unchanged if nothing has to change: a copy may lose what only the host's own object holds.
  if (kept.length === theirs.length && lines.length === 0 && !isPrivate && clears === null) return response;
  const copy = new Response(response.body, response);
  const { headers } = copy;
  headers.delete("set-cookie");
  for (const line of [...kept, ...lines]) headers.append("set-cookie", line);
  if (clears !== null) {
    const cleared = withoutCookieClearing(clears);
    if (cleared === null) headers.delete("clear-site-data");
    else headers.set("clear-site-data", cleared);
  }
  if (lines.length === 0 && !isPrivate) return copy;
  // A response that carries tokens must not be stored at all; one that is only personal may stay in the browser.
  headers.set("cache-control", lines.length > 0 ? "private, no-store" : privately(headers.get("cache-control")));
  for (const name of DROPPED_FROM_PRIVATE_RESPONSES) headers.delete(name);
  return copy;
}
