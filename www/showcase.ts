/**
 * What only a demo needs: reports of what the edge did, and under `/demo/` a look inside cookies that no script can
 * read, and a thief who copies the refresh token and replays it. The thief has no back door: he asks the same edge, as
 * his own browser would.
 */

import type { EdgeAuth } from "tandem-jwt/edge";
import { cookiesOf, inside, names } from "./jar.js";
import { PACE, PACES, type Policy, REPORT } from "./report.js";
import { type DemoEnv, reported } from "./reporting.js";

/**
 * Adds to an edge what only the demo needs. Requests outside `/demo/` go to the edge unchanged, and their answers get a
 * report.
 */
export function showcase(edge: EdgeAuth<DemoEnv>): ExportedHandler<DemoEnv> {
  return {
    async fetch(request, env) {
      const { pathname } = new URL(request.url);
      // The pace is part of the environment, because the edge takes its policy from there.
      const paced = atPace(request, env);
      if (!pathname.startsWith("/demo/")) return reported(edge, request, paced);
      // These paths show the contents of HttpOnly cookies, so only the demo's own page may ask.
      if (!isOurs(request)) return answer({ error: "same_origin_only" }, 403);
      const cookies = cookiesOf(request, env.COOKIES);
      switch (`${request.method} ${pathname}`) {
        case "GET /demo/pair":
          // `now` is the Worker's clock, by which the page corrects its own; `started` is the default policy.
          return answer({
            now: Date.now() / 1000,
            policy: policyOf(paced),
            started: policyOf(env),
            access: inside(cookies.access),
            refresh: inside(cookies.refresh),
            loot: inside(cookies.loot),
          });
        case "POST /demo/thief/steal":
          // 409: the request is valid, but the state of the browser is not.
          if (cookies.refresh === undefined) return answer({ error: "nothing_to_steal" }, 409);
          return answer({ loot: inside(cookies.refresh) }, 200, [loot(env, cookies.refresh)]);
        case "POST /demo/thief/replay":
          if (cookies.loot === undefined) return answer({ error: "nothing_stolen" }, 409);
          return replay(edge, request, paced, cookies.loot);
        default:
          return answer({ error: "not_found" }, 404);
      }
    },
  };
}

/** The environment with the policy of the requested pace; without a pace, the flags decide. */
function atPace(request: Request, env: DemoEnv): DemoEnv {
  const asked = request.headers.get(PACE) ?? "";
  // The header may contain anything; an unknown pace changes nothing.
  if (!Object.hasOwn(PACES, asked)) return env;
  const { access, idle, grace, recovery } = PACES[asked as keyof typeof PACES];
  return { ...env, ACCESS_TTL: access, REFRESH_IDLE: idle, GRACE: grace, RECOVERY: recovery };
}

function policyOf({ ACCESS_TTL, REFRESH_IDLE, GRACE, RECOVERY }: DemoEnv): Policy {
  return { access: ACCESS_TTL, idle: REFRESH_IDLE, grace: GRACE, recovery: RECOVERY };
}

/**
 * Pages of other sites, siblings included, can do nothing here, by the edge's own rule. Not every browser sends fetch
 * metadata to http://localhost; without it a GET passes, but no page of another origin can read its answer.
 */
function isOurs({ method, headers, url }: Request): boolean {
  // The browser writes both headers, and no script can forge them.
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  if (site !== null && site !== "same-origin") return false;
  if (origin !== null && origin !== new URL(url).origin) return false;
  return method === "GET" || site !== null || origin !== null;
}

/** The thief's browser: his copy of the cookie, and none of the visitor's. He keeps the tokens that he receives. */
async function replay(edge: EdgeAuth<DemoEnv>, request: Request, env: DemoEnv, stolen: string): Promise<Response> {
  const { origin } = new URL(request.url);
  const { refresh } = names(env.COOKIES);
  // A new request without the visitor's headers, as it would come from another machine.
  const response = await reported(
    edge,
    // `origin` is our own: the endpoint would refuse a request with another origin or none.
    new Request(`${origin}/auth/refresh`, { method: "POST", headers: { origin, cookie: `${refresh}=${stolen}` } }),
    env,
  );
  // The edge sets a refresh cookie only when it hands out a different token from the one presented.
  const given = response.headers
    .getSetCookie()
    .map((line) => line.slice(0, line.indexOf(";")))
    .find((pair) => pair.startsWith(`${refresh}=`))
    ?.slice(refresh.length + 1);
  // A thief who is accepted without a new token keeps the one he has; a refused one has nothing left.
  const held = response.ok ? given || stolen : "";
  const mine = answer({ loot: inside(held) }, 200, [loot(env, held)]);
  // The report of the thief's request becomes the report of this answer, so that the page tells it like any other.
  mine.headers.set(REPORT, response.headers.get(REPORT) ?? "");
  return mine;
}

/** The thief's pocket. Its path keeps it from the edge, and so from every origin. */
function loot(env: DemoEnv, value: string): string {
  const secure = env.COOKIES === "host" ? "; Secure" : "";
  // An empty value with `Max-Age=0` removes the cookie.
  return `${names(env.COOKIES).loot}=${value}; Path=/demo; Max-Age=${value === "" ? 0 : 3600}; HttpOnly${secure}; SameSite=Strict`;
}

/** An answer about one visitor, which no cache may store. */
function answer(body: object, status = 200, setCookies: readonly string[] = []): Response {
  const headers = new Headers({ "content-type": "application/json", "cache-control": "private, no-store" });
  for (const line of setCookies) headers.append("set-cookie", line);
  return new Response(JSON.stringify(body), { status, headers });
}
