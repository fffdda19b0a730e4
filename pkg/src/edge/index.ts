/**
 * The edge handler: sessions in front of origins that know nothing of cookies.
 *
 * A browser talks to the edge with two cookies that no script can read. An origin sees a fresh access token in
 * `Authorization` and nothing else. In between, `handle` decides; every rule it applies stands in `edge/`, a file each.
 */

import type { AccessClaims } from "../session/index.js";
import { type Site, Sites, UnfitHost } from "./context.js";
import { answer, DEFAULT_PATHS, type Endpoint } from "./endpoints.js";
import { type Identity, identify } from "./identity.js";
import type { EdgeAuthOptions, Paths } from "./options.js";
import { answered, ask, finished, forwardable } from "./proxy.js";
import { errorResponse, redirectResponse } from "./responses.js";
import { signInLocation } from "./return-path.js";
import type { Route } from "./routes.js";
import { isDocument } from "./same-origin.js";

export type { CookieMode } from "./cookies.js";
export type {
  AnyEvent,
  EdgeAuthOptions,
  EdgeEvent,
  EventHandlers,
  Paths,
  SessionPolicy,
  SignIn,
} from "./options.js";
export { type Guard, type Guarded, type ProtectEvent, type ProtectOptions, protect } from "./protect.js";
export type { Fetching, Route, Routes } from "./routes.js";

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
      /** Null on an `optional` route without a session. */
      readonly claims: AccessClaims | null;
      /** Owns Set-Cookie and Cache-Control: every response to the request has to go through it. */
      finish(response: Response): Response;
    };

export interface EdgeAuth<Env> {
  /** The whole edge: endpoints, guard, and the proxy to the route's origin. Fits `export default` of a Worker. */
  fetch(request: Request, env: Env, ctx?: unknown): Promise<Response>;
  /** The same without the proxy, for frameworks that answer themselves. */
  handle(request: Request, env: Env, ctx?: unknown): Promise<Handled>;
}

/**
 * @throws TypeError at once for options that could not be meant; what depends on `env` is checked at the first request.
 */
export function edgeAuth<Env = unknown>(options: EdgeAuthOptions<Env>): EdgeAuth<Env> {
  const paths = endpointPaths(options.paths);
  checkOptions(options);
  const identityHeaders = new Set(options.identityHeaders?.map((name) => name.toLowerCase().replaceAll("_", "-")));
  const sites = new Sites(options);

  async function decide(request: Request, env: Env): Promise<{ route: Route; handled: Handled }> {
    let site: Site;
    try {
      site = sites.for(request, env);
    } catch (error) {
      if (!(error instanceof UnfitHost)) throw error;
      return done(errorResponse("invalid_request", { description: error.message }));
    }
    const { pathname } = new URL(request.url);
    const endpoint = paths.get(pathname);
    if (endpoint !== undefined) {
      const { response, writes } = await answer(endpoint, site, request, env, options);
      return done(answered(response, site, writes ?? null));
    }

    const match = site.routes.match(pathname);
    if (match.kind === "ambiguous") return done(errorResponse("invalid_request"));
    // A path that no route names is guarded like any other: a table that forgot one must not open it.
    const route = match.kind === "route" ? match.route : {};
    const identity = await identify(site, request, route);
    const isPublic = route.optional === true || (options.signIn !== undefined && pathname === pathOf(options.signIn));
    const refusal = refusalOf(identity, isPublic, request, site);
    if (refusal !== null) return done(finished(refusal, site, identity, {}));

    const known = identity.kind === "known" ? identity : null;
    const handled: Handled = {
      request: forwardable(request, site, known?.token ?? null, identityHeaders),
      claims: known?.claims ?? null,
      finish: (response) => finished(response, site, identity, route),
    };
    return { route, handled };
  }

  function refusalOf(identity: Identity, isPublic: boolean, request: Request, site: Site): Response | null {
    if (identity.kind === "refused") return errorResponse(identity.code, identity.details);
    if (identity.kind === "known" || isPublic) return null;
    if (options.signIn === undefined || !isDocument(request)) return errorResponse("invalid_token");
    return redirectResponse(
      signInLocation(options.signIn, request, site.origin),
      request.method === "POST" ? 303 : 302,
    );
  }

  return {
    async handle(request, env) {
      return (await decide(request, env)).handled;
    },
    async fetch(request, env) {
      const { route, handled } = await decide(request, env);
      if (handled.response !== undefined) return handled.response;
      if (route.origin === undefined) return handled.finish(errorResponse("not_found"));
      const site = sites.for(request, env);
      let response: Response;
      try {
        response = await ask(route.origin, handled.request, site.origin);
      } catch (cause) {
        // The refresh has happened, so its cookies go out with the bad news.
        site.emit({ type: "unavailable", during: "origin", cause });
        response = errorResponse("bad_gateway");
      }
      return handled.finish(response);
    },
  };
}

function done(response: Response): { route: Route; handled: Handled } {
  return { route: {}, handled: { response } };
}

function endpointPaths(given: Partial<Paths> = {}): ReadonlyMap<string, Endpoint> {
  const paths = new Map<string, Endpoint>();
  for (const [endpoint, path] of Object.entries({ ...DEFAULT_PATHS, ...given }) as [Endpoint, string][]) {
    if (!Object.hasOwn(DEFAULT_PATHS, endpoint))
      throw new TypeError(`edgeAuth: there is no endpoint ${endpoint}, of ${Object.keys(DEFAULT_PATHS).join(", ")}`);
    if (!/^\/[^?#]*$/.test(path) || paths.has(path))
      throw new TypeError(`edgeAuth: paths.${endpoint} must be a path of its own`);
    paths.set(path, endpoint);
  }
  return paths;
}

function checkOptions<Env>({ origin, signIn, sameSite }: EdgeAuthOptions<Env>): void {
  if (origin !== undefined && (!/^https?:\/\//.test(origin) || new URL(origin).origin !== origin)) {
    throw new TypeError('edgeAuth: origin must be an origin, such as "https://app.example"');
  }
  if (signIn !== undefined && !/^\/(?![/\\])/.test(signIn))
    throw new TypeError("edgeAuth: signIn must be a path of this origin");
  if (sameSite !== undefined && sameSite !== "lax" && sameSite !== "strict") {
    throw new TypeError('edgeAuth: sameSite is "lax" or "strict"');
  }
}

function pathOf(signIn: string): string {
  return signIn.split(/[?#]/, 1)[0] ?? signIn;
}
