/**
 * The edge handler: sessions in front of origins that do not handle cookies.
 *
 * A browser talks to the edge with two cookies that no script can read. An origin sees a fresh access token in
 * `Authorization` and nothing else. In between, `handle` decides; each rule it applies has its own file in `edge/`.
 */

import type { JwtPayload } from "../jwt/types.js";
import type { AccessClaims } from "../session/index.js";
import { checkEdgeOptions, originsOf } from "./check-options.js";
import { type Gate, hasSessions, isApiEdge, type Site, Sites, UnfitHost } from "./context.js";
import { answer, endpointPaths } from "./dispatch.js";
import { type Identity, identify } from "./identity.js";
import type { ApiEdgeOptions, EdgeAuthOptions, Endpoint } from "./options.js";
import { ask, finished, forwardable, forwardableHeaders, type Send } from "./proxy.js";
import { isSignInPage, refusalOf } from "./refusals.js";
import { errorResponse } from "./responses.js";
import type { Route } from "./routes.js";

export type { CookieMode } from "./cookies.js";
export {
  type Attempt,
  bindingLimits,
  type LimitRules,
  memoryLimits,
  type RateLimit,
  type RateLimitBinding,
  type Rule,
} from "./limits.js";
export type {
  AnyEvent,
  ApiEdgeOptions,
  EdgeAuthOptions,
  EdgeEvent,
  EventHandlers,
  Paths,
  SessionPolicy,
  SignIn,
} from "./options.js";
export { type Guard, type Guarded, protect } from "./protect.js";
export type { GuardedRequest, PossessionOptions, ProtectEvent, ProtectOptions } from "./protect-options.js";
export type { Send } from "./proxy.js";
export type { Fetching, Route, Routes, TokensOf } from "./routes.js";

/** What the host knows about a request besides the request itself. */
export interface Sender {
  /** The address that the request came from, if the host vouches for it. Origins get it as X-Forwarded-For. */
  readonly address?: string | undefined;
}

/**
 * `response` is set when the edge has answered; otherwise the application answers, and passes its response to `finish`.
 */
export type Handled =
  | { readonly response: Response }
  | {
      readonly response?: undefined;
      /**
       * The request as an origin may see it: without our cookies, with the access token and X-Forwarded-Host, and with
       * redirects left to the browser.
       */
      readonly request: Request;
      /** The headers of `request`, for frameworks that keep their own object of it. */
      readonly headers: Headers;
      /** Null on an `optional` route without a session, and on every route with `tokensOf`. */
      readonly claims: AccessClaims | null;
      /**
       * The claims of another system's token, on a route with `tokensOf`: `sub` is a name in that system. Otherwise
       * null.
       */
      readonly others: JwtPayload | null;
      /** Controls Set-Cookie and Cache-Control: every response to the request must pass through it. */
      finish(response: Response): Response;
      /**
       * Sends the request to the route's origin and finishes its response; missing if the route has no origin. `send`
       * is for origins given by address and must not follow redirects; default: `fetch`.
       */
      readonly forward?: (send?: Send) => Promise<Response>;
    };

export interface EdgeAuth<Env> {
  /** The public origins named in the options; empty if there are none. */
  readonly origins: readonly string[];
  /** The whole edge: endpoints, guard, and the proxy to the route's origin. Fits a Worker's `export default`. */
  fetch(request: Request, env: Env, ctx?: unknown): Promise<Response>;
  /** The same without the proxy, for frameworks that answer requests themselves. */
  handle(request: Request, env: Env, ctx?: unknown, sender?: Sender): Promise<Handled>;
}

/** @throws TypeError at once for invalid options; whatever depends on `env` is checked at the first request. */
export function edgeAuth<Env = unknown>(options: ApiEdgeOptions<Env>): EdgeAuth<Env>;
export function edgeAuth<Env = unknown>(options: EdgeAuthOptions<Env>): EdgeAuth<Env>;
export function edgeAuth<Env = unknown>(given: EdgeAuthOptions<Env> | ApiEdgeOptions<Env>): EdgeAuth<Env> {
  checkEdgeOptions(given);
  // Without a store the options that need one are missing, and so are the endpoints that would use them.
  const options = given as EdgeAuthOptions<Env>;
  const paths: ReadonlyMap<string, Endpoint> = isApiEdge(given) ? new Map() : endpointPaths(options);
  const identityHeaders = new Set(options.identityHeaders?.map((name) => name.toLowerCase().replaceAll("_", "-")));
  const sites = new Sites(options);

  async function handle(request: Request, env: Env, sender: Sender): Promise<Handled> {
    let site: Gate;
    try {
      site = sites.for(request, env);
    } catch (error) {
      if (!(error instanceof UnfitHost)) throw error;
      return { response: errorResponse("invalid_request", { description: error.message }) };
    }
    const { pathname } = new URL(request.url);
    const address = sender.address ?? vouchedAddress(request);
    // Endpoints are matched before routes, so that a route `/*` cannot shadow them.
    const endpoint = paths.get(pathname);
    if (endpoint !== undefined && hasSessions(site)) {
      return { response: await answerInTurn(endpoint, site, request, env, address) };
    }

    const match = site.routes.match(pathname);
    if (match.kind === "ambiguous") return { response: errorResponse("invalid_request") };
    // A path that no route names is guarded too, so that an omission from the table opens nothing.
    const route = match.kind === "route" ? match.route : {};
    const found = await identify(site, request, route);
    const isPublic = route.optional === true || isSignInPage(options, pathname);
    // A store outage must not close routes that are open to everyone. The cookies stay until the store is back.
    const isOnlyAway = found.kind === "refused" && found.code === "temporarily_unavailable";
    const { byCookie } = found;
    const identity: Identity = isPublic && isOnlyAway ? { kind: "anonymous", byCookie, writes: null } : found;
    const refusal = refusalOf({ options, site, request, route, identity, isPublic });
    const sid = identity.kind === "known" ? identity.claims.sid : null;
    // Only requests that may pass are counted, by session if there is one, so that signed-in people behind one address
    // do not share a count.
    const stopped = refusal ?? (await site.tooMany({ kind: "request", address, sid }));
    if (stopped !== null) return { response: finished(stopped, site, identity, {}) };
    return passed({ site, request, route, identity, address, identityHeaders });
  }

  async function answerInTurn(
    endpoint: Endpoint,
    site: Site,
    request: Request,
    env: Env,
    address: string | null,
  ): Promise<Response> {
    const isSignIn = endpoint === "login";
    const isPublic = endpoint === "jwks" || endpoint === "metadata";
    const stopped = isPublic
      ? null
      : await site.tooMany({ kind: isSignIn ? "sign-in" : "endpoint", address, sid: null });
    const response = stopped ?? (await answer(endpoint, paths, site, request, env, options));
    // This response is not delayed: the next attempt is the one that waits.
    if (isSignIn && response.status === 401) await site.tooMany({ kind: "failed-sign-in", address, sid: null });
    return response;
  }

  return {
    origins: originsOf(options.origin),
    handle: (request, env, _ctx, sender = {}) => handle(request, env, sender),
    async fetch(request, env) {
      const handled = await handle(request, env, {});
      if (handled.response !== undefined) return handled.response;
      return handled.forward?.() ?? handled.finish(errorResponse("not_found"));
    },
  };
}

interface Passed {
  readonly site: Gate;
  readonly request: Request;
  readonly route: Route;
  readonly identity: Identity;
  readonly address: string | null;
  /** Headers that claim an identity: removed from client requests. */
  readonly identityHeaders: ReadonlySet<string>;
}

/** A request that may pass: as the origin is to see it, and how its response is finished. */
function passed({ site, request, route, identity, address, identityHeaders }: Passed): Handled {
  const token = "token" in identity ? identity.token : null;
  // Built once, because `headers` and `request` must agree.
  const headers = forwardableHeaders(request, site, token, identityHeaders, address);
  const { origin } = route;
  const finish = (response: Response): Response => finished(response, site, identity, route);
  let forwarded: Request | undefined;
  return {
    // Built on demand: a framework that reads the body from its own object must find it unread.
    get request() {
      forwarded ??= forwardable(request, headers);
      return forwarded;
    },
    headers,
    claims: identity.kind === "known" ? identity.claims : null,
    others: identity.kind === "other" ? identity.claims : null,
    finish,
    ...(origin !== undefined && {
      async forward(send?: Send) {
        try {
          return finish(await ask(origin, forwardable(request, headers), site.origin, send));
        } catch (cause) {
          // The refresh has happened, so its cookies go out with the error.
          // A client that disconnected is not worth an event.
          if (!request.signal.aborted) site.emit({ type: "unavailable", during: "origin", cause });
          return finish(errorResponse("bad_gateway"));
        }
      },
    }),
  };
}

/** Cloudflare sets this header itself on requests that carry `cf`. */
function vouchedAddress(request: Request): string | null {
  return "cf" in request && request.cf !== undefined ? request.headers.get("cf-connecting-ip") : null;
}
