/**
 * What passes through: the request as an origin may see it, the response as a browser may.
 */
import type { Site } from "./context.js";
import { withoutOurs, writesOurs } from "./cookies.js";
import type { Identity } from "./identity.js";
import type { Fetching, Route } from "./routes.js";
import { type CookieWrites, stillTrue } from "./writes.js";

/**
 * The request with our cookies and every claim of identity off, and what is true on: the access token, our own address.
 */
export function forwardable(
  request: Request,
  site: Site,
  token: string | null,
  identityHeaders: ReadonlySet<string>,
): Request {
  const headers = new Headers(request.headers);
  for (const name of [...headers.keys()]) {
    if (saysWho(name, identityHeaders)) headers.delete(name);
  }
  const cookies = withoutOurs(headers.get("cookie"), site.jar.names);
  if (cookies === null) headers.delete("cookie");
  else headers.set("cookie", cookies);
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  for (const name of MISLEADING) headers.delete(name);
  // Origins make links out of these (to reset a password, say), so a client must not choose them.
  const { host, protocol } = new URL(site.origin);
  headers.set("x-forwarded-host", host);
  headers.set("x-forwarded-proto", protocol.slice(0, -1));
  // Followed here, a redirect to another host would take the Authorization header along.
  return new Request(request, { headers, redirect: "manual" });
}

export async function ask(origin: string | Fetching, request: Request, ownOrigin: string): Promise<Response> {
  if (typeof origin !== "string") return origin.fetch(request);
  const url = new URL(request.url);
  // Without the slash that an origin may be given with.
  const inner = new URL(origin).origin;
  const target = new Request(inner + url.pathname + url.search, request);
  return pointBack(await fetch(target, { redirect: "manual" }), inner, ownOrigin);
}

/** An origin that redirects to itself means the address that its visitors know it by. */
function pointBack(response: Response, inner: string, ownOrigin: string): Response {
  const location = response.headers.get("location");
  if (location !== inner && location?.startsWith(`${inner}/`) !== true) return response;
  const copy = new Response(response.body, response);
  copy.headers.set("location", ownOrigin + location.slice(inner.length));
  return copy;
}

/** Owns Set-Cookie and Cache-Control of everything that leaves. */
export function finished(
  response: Response,
  site: Site,
  identity: Pick<Identity, "byCookie" | "writes">,
  route: Route,
): Response {
  const lines = identity.writes !== null && stillTrue(identity.writes, site.now()) ? identity.writes.lines : [];
  return withCookies(response, site, lines, identity.byCookie && route.cache !== "public");
}

/** For the answers of our own endpoints, which decide by themselves what they write. */
export function answered(response: Response, site: Site, writes: CookieWrites | null): Response {
  return withCookies(response, site, writes?.lines ?? [], false);
}

function withCookies(response: Response, site: Site, lines: readonly string[], isPrivate: boolean): Response {
  const theirs = response.headers.getSetCookie();
  const kept = theirs.filter((line) => !writesOurs(line, site.jar.names));
  if (kept.length === theirs.length && lines.length === 0 && !isPrivate) return response;
  const copy = new Response(response.body, response);
  const { headers } = copy;
  headers.delete("set-cookie");
  for (const line of [...kept, ...lines]) headers.append("set-cookie", line);
  if (lines.length > 0) {
    headers.set("cache-control", "private, no-store");
    for (const name of SHARED_CACHE_HEADERS) headers.delete(name);
  } else if (isPrivate) {
    headers.set("cache-control", privately(headers.get("cache-control")));
    for (const name of SHARED_CACHE_HEADERS) headers.delete(name);
  }
  return copy;
}

/** The origin's wishes for the browser's own cache stand; the ones for caches that people share do not. */
function privately(cacheControl: string | null): string {
  const kept = (cacheControl?.match(/[^,"]*(?:"[^"]*"[^,"]*)*/g) ?? [])
    .map((directive) => directive.trim())
    .filter((directive) => directive !== "" && !/^(?:public|private|s-maxage|proxy-revalidate)\b/i.test(directive));
  return ["private", ...kept].join(", ");
}

/** Each would overrule `Cache-Control` in some cache between here and the browser. */
const SHARED_CACHE_HEADERS = ["cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control", "expires"];

/** Say that another address was asked for than the one whose route let the request through; some origins believe it. */
const MISLEADING = ["forwarded", "x-original-url", "x-rewrite-url"];

function saysWho(name: string, more: ReadonlySet<string>): boolean {
  // CGI and its heirs read `X_User_Id` and `X-User-Id` as one.
  const dashed = name.toLowerCase().replaceAll("_", "-");
  return IDENTITY.test(dashed) || more.has(dashed);
}

/** What the common proxies and identity gateways use to tell an origin who is there. */
const IDENTITY = new RegExp(
  `^(?:${[
    "authorization",
    "proxy-authorization",
    "(?:x-)?(?:remote|authenticated|auth|auth-request|forwarded|verified)-(?:user|email|groups?|roles?|subject|claims|preferred-username|access-token)(?:-.+)?",
    "x-(?:user|subject|account|tenant|session|email|roles?|groups?|scopes?|claims|identity)(?!-agent)(?:-.+)?",
    "cf-access-.+",
    "x-amzn-oidc-.+",
    "x-goog-(?:iap|authenticated-user)-.+",
    "x-ms-(?:client-principal|token)(?:-.+)?",
    "x-tandem-.+",
  ].join("|")})$`,
);
