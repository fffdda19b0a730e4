/**
 * What only a demo wants, under `/demo/`: a look inside cookies that no script can read, and a thief who copies the
 * refresh token and replays it. The thief has no back door: he asks the same edge, as a browser of his own would.
 */

import jwt from "tandem-jwt";
import type { D1, SessionsNamespace } from "tandem-jwt/cloudflare";
import type { EdgeAuth } from "tandem-jwt/edge";

export interface DemoEnv {
  SESSIONS: SessionsNamespace;
  /** In the place of SESSIONS. */
  DB?: D1;
  ORIGIN: Fetcher;
  ACCESS_KEYS: string;
  REFRESH_KEYS: string;
  COOKIES: "host" | "dev";
  ACCESS_TTL: string;
  REFRESH_IDLE: string;
  GRACE: string;
  RECOVERY: string;
}

export function showcase(edge: EdgeAuth<DemoEnv>): ExportedHandler<DemoEnv> {
  return {
    async fetch(request, env, ctx) {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith("/demo/")) return edge.fetch(request, env, ctx);
      if (!isOurs(request)) return answer({ error: "same_origin_only" }, 403);
      const cookies = cookiesOf(request, env.COOKIES);
      switch (`${request.method} ${pathname}`) {
        case "GET /demo/pair":
          return answer({
            now: Date.now() / 1000,
            policy: { access: env.ACCESS_TTL, idle: env.REFRESH_IDLE, grace: env.GRACE, recovery: env.RECOVERY },
            access: inside(cookies.access),
            refresh: inside(cookies.refresh),
            loot: inside(cookies.loot),
          });
        case "POST /demo/thief/steal":
          if (cookies.refresh === undefined) return answer({ error: "nothing_to_steal" }, 409);
          return answer({ loot: inside(cookies.refresh) }, 200, loot(env, cookies.refresh));
        case "POST /demo/thief/replay":
          if (cookies.loot === undefined) return answer({ error: "nothing_stolen" }, 409);
          return replay(edge, request, env, cookies.loot);
        default:
          return answer({ error: "not_found" }, 404);
      }
    },
  };
}

/**
 * Pages of other sites, siblings too, do nothing here, by the edge's own rule. Not every browser sends fetch metadata
 * to http://localhost; without it a GET passes, whose answer no page of another origin can read.
 */
function isOurs({ method, headers, url }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  if (site !== null && site !== "same-origin") return false;
  if (origin !== null && origin !== new URL(url).origin) return false;
  return method === "GET" || site !== null || origin !== null;
}

/** The thief's browser: his copy of the cookie, and none of the visitor's. He keeps what he is given. */
async function replay(edge: EdgeAuth<DemoEnv>, request: Request, env: DemoEnv, stolen: string): Promise<Response> {
  const { origin } = new URL(request.url);
  const { refresh } = names(env.COOKIES);
  const response = await edge.fetch(
    new Request(`${origin}/auth/refresh`, { method: "POST", headers: { origin, cookie: `${refresh}=${stolen}` } }),
    env,
  );
  const given = response.headers
    .getSetCookie()
    .map((line) => line.slice(0, line.indexOf(";")))
    .find((pair) => pair.startsWith(`${refresh}=`))
    ?.slice(refresh.length + 1);
  const outcome = {
    status: response.status,
    gotIn: response.ok,
    loot: inside(response.ok ? given || stolen : undefined),
  };
  if (response.ok) return answer(outcome, 200, given ? loot(env, given) : undefined);
  return answer(outcome, 200, loot(env, ""));
}

function inside(token: string | undefined): object | null {
  try {
    const decoded = token === undefined ? null : jwt.decode(token, { complete: true });
    return decoded === null ? null : { header: decoded.header, payload: decoded.payload };
  } catch {
    return null; // somebody put something else into the cookie
  }
}

function names(mode: DemoEnv["COOKIES"]): { access: string; refresh: string; loot: string } {
  const prefix = mode === "host" ? "__Host-Http-" : "";
  return { access: `${prefix}access`, refresh: `${prefix}refresh`, loot: "demo-loot" };
}

function cookiesOf(request: Request, mode: DemoEnv["COOKIES"]): { access?: string; refresh?: string; loot?: string } {
  const pairs = (request.headers.get("cookie") ?? "").split("; ").map((pair) => pair.split("=", 2));
  const jar = Object.fromEntries(pairs) as Record<string, string | undefined>;
  const found: { access?: string; refresh?: string; loot?: string } = {};
  for (const [key, name] of Object.entries(names(mode)) as [keyof typeof found, string][]) {
    const value = jar[name];
    if (value) found[key] = value;
  }
  return found;
}

/** The thief's pocket. Its path keeps it from the edge, and so from every origin. */
function loot(env: DemoEnv, value: string): string {
  const secure = env.COOKIES === "host" ? "; Secure" : "";
  return `${names(env.COOKIES).loot}=${value}; Path=/demo; Max-Age=${value === "" ? 0 : 3600}; HttpOnly${secure}; SameSite=Strict`;
}

function answer(body: object, status = 200, setCookie?: string): Response {
  const headers = new Headers({ "content-type": "application/json", "cache-control": "private, no-store" });
  if (setCookie !== undefined) headers.append("set-cookie", setCookie);
  return new Response(JSON.stringify(body), { status, headers });
}
