/**
 * The edge handler: sessions in front of origins that know nothing of cookies.
 *
 * A browser talks to the edge with two cookies that no script can read. An origin sees a fresh access token in
 * `Authorization` and nothing else. In between, `handle` decides; every rule it applies stands in `edge/`, a file each.
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

/** What the host knows of a request beside the request. */
export interface Sender {
  /** The address that the request came from, when the host vouches for it. Origins get it as X-Forwarded-For. */
  readonly address?: string | undefined;
}

/** `response` is there when the edge has answered; else the request is the application's, to be given to `finish`. */
export type Handled =
  | { readonly response: Response }
  | {
      readonly response?: undefined;
      /**
       * As an origin may see it: our cookies off, the access token and X-Forwarded-Host on, redirects left to the
       * browser.
       */
      readonly request: Request;
      /** The headers of `request`, for frameworks that keep their own object of it. */
      readonly headers: Headers;
      /** Null on an `optional` route without a session, and on every route with `tokensOf`. */
      readonly claims: AccessClaims | null;
      /** Of a token of another system, on a route with `tokensOf`: its `sub` is a name of that system. Else null. */
      readonly others: JwtPayload | null;
      /** Owns Set-Cookie and Cache-Control: every response to the request has to go through it. */
      finish(response: Response): Response;
      /**
       * Asks the origin of the route and finishes its answer; missing where the route has none. `send` is for origins
       * by address, and must follow no redirect; default: `fetch`.
       */
      readonly forward?: (send?: Send) => Promise<Response>;
    };

export interface EdgeAuth<Env> {
  /** The public origins that the options name; empty where they name none. */
  readonly origins: readonly string[];
  /** The whole edge: endpoints, guard, and the proxy to the route's origin. Fits `export default` of a Worker. */
  fetch(request: Request, env: Env, ctx?: unknown): Promise<Response>;
  /** The same without the proxy, for frameworks that answer themselves. */
  handle(request: Request, env: Env, ctx?: unknown, sender?: Sender): Promise<Handled>;
}

/**
 * @throws TypeError at once for options that could not be meant; what depends on `env` is checked at the first request.
 */
export function edgeAuth<Env = unknown>(options: ApiEdgeOptions<Env>): EdgeAuth<Env>;
export function edgeAuth<Env = unknown>(options: EdgeAuthOptions<Env>): EdgeAuth<Env>;
export function edgeAuth<Env = unknown>(given: EdgeAuthOptions<Env> | ApiEdgeOptions<Env>): EdgeAuth<Env> {
  checkEdgeOptions(given);
  // Without a store those that need one are not there, and no endpoint that would ask for them.
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
    // Endpoints come before routes: a route `/*` must not swallow them.
    const endpoint = paths.get(pathname);
    if (endpoint !== undefined && hasSessions(site)) {
      return { response: await answerInTurn(endpoint, site, request, env, address) };
    }

    const match = site.routes.match(pathname);
    if (match.kind === "ambiguous") return { response: errorResponse("invalid_request") };
    // A path that no route names is guarded like any other: a table that forgot one must not open it.
    const route = match.kind === "route" ? match.route : {};
    const found = await identify(site, request, route);
    const isPublic = route.optional === true || isSignInPage(options, pathname);
    // A store that is away must not close what is open to everyone. The cookies stay, for when it is back.
    const isOnlyAway = found.kind === "refused" && found.code === "temporarily_unavailable";
    const { byCookie } = found;
    const identity: Identity = isPublic && isOnlyAway ? { kind: "anonymous", byCookie, writes: null } : found;
    const refusal = refusalOf({ options, site, request, route, identity, isPublic });
    const sid = identity.kind === "known" ? identity.claims.sid : null;
    // Counted only for what may pass, by session where there is one: signed-in people behind one address share no
    // count.
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
    // The answer is not held back: the next try is the one that waits.
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
  /** Headers that say who somebody is: taken out of what strangers send. */
  readonly identityHeaders: ReadonlySet<string>;
}

/** A request that may go on: as the origin is to see it, and the way of its answer back. */
function passed({ site, request, route, identity, address, identityHeaders }: Passed): Handled {
  const token = "token" in identity ? identity.token : null;
  // Made once, since `headers` and `request` have to say the same.
  const headers = forwardableHeaders(request, site, token, identityHeaders, address);
  const { origin } = route;
  const finish = (response: Response): Response => finished(response, site, identity, route);
  let forwarded: Request | undefined;
  return {
    // Made when it is asked for: a framework that reads the body from its own object must find it untouched.
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
          // The refresh has happened, so its cookies go out with the bad news.
          // Not worth a word if it was the client that left.
          if (!request.signal.aborted) site.emit({ type: "unavailable", during: "origin", cause });
          return finish(errorResponse("bad_gateway"));
        }
      },
    }),
  };
}

/** Cloudflare sets this header itself, and `cf` is on the requests that it did so for. */
function vouchedAddress(request: Request): string | null {
  return "cf" in request && request.cf !== undefined ? request.headers.get("cf-connecting-ip") : null;
}
