import { tell } from "../core/tell.js";
import { VerifiedTokens } from "../jwt/verified-tokens.js";
import { type AccessClaims, createSessions, type Sessions } from "../session/index.js";
import { type CookieJar, cookieJar, NO_COOKIES } from "./cookies.js";
import type { Judge } from "./judge.js";
import type { Attempt } from "./limits.js";
import type { AnyEvent, ApiEdgeOptions, EdgeAuthOptions } from "./options.js";
import { errorResponse } from "./responses.js";
import { judgesOf } from "./route-judges.js";
import { type Route, RouteTable } from "./routes.js";
import { type Seal, sealOf, UNSEALED } from "./seal.js";
import { vouchesForHosts } from "./vouching.js";

/** How many verified access tokens an edge remembers: a page sends the same token with each of its requests. */
const MAX_VERIFIED = 1_000;

/** The parts of an edge for one origin in one environment, with or without sessions of its own. */
export interface Gate {
  readonly origin: string;
  readonly jar: CookieJar;
  readonly routes: RouteTable;
  /** The judge of each route that accepts tokens of other systems. */
  readonly judges: ReadonlyMap<Route, Judge>;
  /** Whole seconds. */
  readonly now: () => number;
  readonly emit: (event: AnyEvent) => void;
  /** The response to a client that tries too often, or null. */
  readonly tooMany: (attempt: Attempt) => Promise<Response | null>;
}

/** A gate with sessions, where people sign in. */
export interface Site extends Gate {
  /** Encrypts the cookies, or leaves them as they are (the option `seal`). */
  readonly seal: Seal;
  readonly sessions: Sessions;
  /** Access tokens whose signature was verified; their times and scopes are checked on each request. */
  readonly verified: VerifiedTokens<AccessClaims>;
  /** The claims that script may read. */
  readonly companion: readonly string[];
  readonly issuer: string;
  readonly clientId: string;
  /** The secrets of the clients that may introspect tokens. */
  readonly introspection: ReadonlyMap<string, string>;
}

/** Tells the two kinds apart, which `Sites` keeps in one map. */
export function hasSessions(gate: Gate): gate is Site {
  return "sessions" in gate;
}

/** Tells by the missing store, without which an edge keeps no sessions. */
export function isApiEdge<Env>(options: EdgeAuthOptions<Env> | ApiEdgeOptions<Env>): options is ApiEdgeOptions<Env> {
  return options.store === undefined;
}

/** A request to a host on which cookies are not safe, or that does not fit the options. */
export class UnfitHost extends Error {}

/**
 * Creates each site once and caches it, because keys are imported and routes compiled only then. The issuer is part of
 * a site, so sessions started under a forged `Host` header are valid only for that made-up site.
 */
export class Sites<Env> {
  readonly #options: EdgeAuthOptions<Env> | ApiEdgeOptions<Env>;
  /** Workers pass the same `env` object each time. A new object on each request would create a new site each time. */
  readonly #byEnv = new WeakMap<object, Map<string, Gate>>();
  /** For an `env` that cannot be a WeakMap key: some frameworks pass none. */
  readonly #noEnv = new Map<string, Gate>();

  constructor(options: EdgeAuthOptions<Env> | ApiEdgeOptions<Env>) {
    this.#options = options;
  }

  /** @throws UnfitHost when the scheme and host of the request do not match the cookie mode. */
  for(request: Request, env: Env): Gate {
    const origin = this.#originOf(request);
    const sites = this.#sitesOf(env);
    const known = sites.get(origin);
    if (known !== undefined) return known;
    const site = isApiEdge(this.#options)
      ? makeGate(this.#options, NO_COOKIES, origin, env)
      : makeSite(this.#options, origin, env);
    if (sites.size >= MAX_SITES) {
      // A map keeps the order of insertion, so the first key is the oldest.
      for (const oldest of sites.keys()) {
        sites.delete(oldest);
        break;
      }
    }
    sites.set(origin, site);
    return site;
  }

  #originOf(request: Request): string {
    const { origin } = this.#options;
    if (typeof origin === "string") return origin;
    const asked = new URL(request.url).origin;
    if (origin === undefined || origin.includes(asked)) return asked;
    throw new UnfitHost("There is no site at this address.");
  }

  #sitesOf(env: Env): Map<string, Gate> {
    if (typeof env !== "object" || env === null) return this.#noEnv;
    let sites = this.#byEnv.get(env);
    if (sites === undefined) {
      sites = new Map<string, Gate>();
      this.#byEnv.set(env, sites);
    }
    return sites;
  }
}

function makeSite<Env>(options: EdgeAuthOptions<Env>, origin: string, env: Env): Site {
  const { protocol, hostname } = new URL(origin);
  const local = LOOPBACK.has(hostname);
  const mode = typeof options.cookies === "function" ? options.cookies(env) : (options.cookies ?? "host");
  if (mode !== "host" && mode !== "dev") throw new TypeError('edgeAuth: cookies must be "host" or "dev"');
  // Cookies in `dev` mode have no prefix, so on any other host a sibling subdomain could plant them.
  if (mode === "dev" && !(protocol === "http:" && local)) {
    throw new UnfitHost('cookies: "dev" is for http on localhost, 127.0.0.1 and [::1] only.');
  }
  const gate = makeGate(options, cookieJar(mode, options.sameSite ?? "lax"), origin, env);
  const { emit } = gate;
  const { claims, now, issuer = origin, clientId = origin } = options;
  const keys = options.keys(env);
  const sessions = createSessions({
    ...(typeof options.policy === "function" ? options.policy(env) : options.policy),
    issuer,
    audience: options.audience ?? origin,
    clientId,
    keys,
    store: options.store(env),
    ...(claims === undefined ? {} : { claims: (session) => claims(session, env) }),
    ...(now === undefined ? {} : { now: () => now(env) }),
    on: emit,
  });
  // The first key signs. Checked now rather than at the first sign-in.
  const signs = sessions.jwks().keys[0]?.alg;
  // An ML-DSA-65 signature is 3,309 bytes (FIPS 204), or 4,412 in base64url: more than a browser stores in one cookie.
  if (signs === "ML-DSA-65" || signs === "ML-DSA-87") {
    throw new TypeError(`edgeAuth: keys.access: a token signed with ${signs} is too large for a cookie; use ML-DSA-44`);
  }
  return {
    ...gate,
    issuer,
    clientId,
    introspection: introspectionOf(options.introspection?.(env) ?? {}),
    seal: options.seal === true ? sealOf(keys, origin) : UNSEALED,
    companion: options.companion ?? [],
    verified: new VerifiedTokens(MAX_VERIFIED),
    sessions,
  };
}

type GateOptions<Env> = Pick<EdgeAuthOptions<Env>, "routes" | "origin" | "rateLimit" | "on" | "now">;

function makeGate<Env>(options: GateOptions<Env>, jar: CookieJar, origin: string, env: Env): Gate {
  const { protocol, hostname } = new URL(origin);
  const local = LOOPBACK.has(hostname);
  if (protocol !== "https:" && !local) throw new UnfitHost("Sessions and tokens need https.");
  // A forged Host header would become `x-forwarded-host`, from which origins build links.
  if (options.origin === undefined && !local && !vouchesForHosts()) {
    throw new UnfitHost(
      'The host of a request cannot be trusted here: set origin, such as "https://app.example", in the options of edgeAuth.',
    );
  }
  const emit = emitter(options, env);
  const { now } = options;
  const routes = typeof options.routes === "function" ? options.routes(env) : options.routes;
  return {
    origin,
    jar,
    routes: new RouteTable(routes),
    judges: judgesOf(routes, origin, emit, now && (() => now(env))),
    now: now === undefined ? wallClock : () => now(env),
    emit,
    tooMany: limiter(options, env, emit),
  };
}

function introspectionOf(secrets: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  for (const [client, secret] of Object.entries(secrets)) {
    // Only the rate limit slows down guessing, so the secret itself must be long enough.
    if (typeof secret !== "string" || secret.length < 16) {
      throw new TypeError(`edgeAuth: introspection: the secret of ${client} must be at least 16 characters`);
    }
  }
  return new Map(Object.entries(secrets));
}

function emitter<Env>({ on }: GateOptions<Env>, env: Env): (event: AnyEvent) => void {
  return (event) => {
    // The map pairs each type with its own handler; the compiler cannot follow that through an index.
    const handler = on?.[event.type] as ((event: AnyEvent, env: Env) => void) | undefined;
    tell((told: AnyEvent) => handler?.(told, env), event);
  };
}

function limiter<Env>({ rateLimit }: GateOptions<Env>, env: Env, emit: Site["emit"]): Site["tooMany"] {
  return async (attempt) => {
    try {
      const wait = (await rateLimit?.(attempt, env)) ?? 0;
      return wait > 0 ? errorResponse("too_many_requests", { retryAfter: wait }) : null;
    } catch (cause) {
      // A rate limiter that is down must not take the site down with it.
      emit({ type: "unavailable", during: "rate-limit", cause });
      return null;
    }
  };
}

const wallClock = (): number => Math.floor(Date.now() / 1000);
// A URL keeps an IPv6 address in its brackets.
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
// Without a configured origin the Host header may be forged, so forged hosts must not fill the memory.
const MAX_SITES = 16;
