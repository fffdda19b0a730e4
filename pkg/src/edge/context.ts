import { VerifiedTokens } from "../jwt/verified-tokens.js";
import { type AccessClaims, createSessions, type Sessions } from "../session/index.js";
import { type CookieJar, cookieJar } from "./cookies.js";
import type { Attempt } from "./limits.js";
import type { AnyEvent, EdgeAuthOptions } from "./options.js";
import { errorResponse } from "./responses.js";
import { RouteTable } from "./routes.js";
import { type Seal, sealOf, UNSEALED } from "./seal.js";

/** How many access tokens an edge remembers to have verified: a page sends the same one with each of its requests. */
const MAX_VERIFIED = 1_000;

/** Everything that holds for one site in one environment. */
export interface Site {
  readonly origin: string;
  readonly jar: CookieJar;
  readonly seal: Seal;
  readonly sessions: Sessions;
  readonly routes: RouteTable;
  readonly verified: VerifiedTokens<AccessClaims>;
  /** Whole seconds. */
  readonly now: () => number;
  readonly companion: readonly string[];
  readonly issuer: string;
  readonly clientId: string;
  /** Who may ask about tokens: secrets by client. */
  readonly introspection: ReadonlyMap<string, string>;
  readonly emit: (event: AnyEvent) => void;
  /** The answer to somebody who tries too often, or null. */
  readonly tooMany: (attempt: Attempt) => Promise<Response | null>;
}

/** A request to a host that cookies are not safe on, or that the options do not fit. */
export class UnfitHost extends Error {}

/**
 * Makes each site once and keeps it: key import and route compilation are not for every request. The issuer is part of
 * a site, so a `Host` header that somebody made up gets sessions of its own, and none that count elsewhere.
 */
export class Sites<Env> {
  readonly #options: EdgeAuthOptions<Env>;
  readonly #byEnv = new WeakMap<object, Map<string, Site>>();
  /** For environments that cannot be a key: frameworks that pass none. */
  readonly #noEnv = new Map<string, Site>();

  constructor(options: EdgeAuthOptions<Env>) {
    this.#options = options;
  }

  /** @throws UnfitHost where the scheme and host of the request do not go with the cookies. */
  for(request: Request, env: Env): Site {
    const origin = this.#originOf(request);
    const sites = this.#sitesOf(env);
    const known = sites.get(origin);
    if (known !== undefined) return known;
    const site = makeSite(this.#options, origin, env);
    if (sites.size >= MAX_SITES) {
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

  #sitesOf(env: Env): Map<string, Site> {
    if (typeof env !== "object" || env === null) return this.#noEnv;
    let sites = this.#byEnv.get(env);
    if (sites === undefined) {
      sites = new Map<string, Site>();
      this.#byEnv.set(env, sites);
    }
    return sites;
  }
}

function makeSite<Env>(options: EdgeAuthOptions<Env>, origin: string, env: Env): Site {
  const { protocol, hostname } = new URL(origin);
  const mode = typeof options.cookies === "function" ? options.cookies(env) : (options.cookies ?? "host");
  if (mode !== "host" && mode !== "dev") throw new TypeError('edgeAuth: cookies is "host" or "dev"');
  const local = LOOPBACK.has(hostname);
  if (protocol !== "https:" && !local) throw new UnfitHost("Sessions need https.");
  if (mode === "dev" && !(protocol === "http:" && local)) {
    throw new UnfitHost('cookies: "dev" is for http on localhost, 127.0.0.1 and [::1] only.');
  }
  if (options.origin === undefined && !local && !vouchesForHosts()) {
    throw new UnfitHost(
      'Nobody vouches for the host of a request here: set origin, such as "https://app.example", in the options of edgeAuth.',
    );
  }
  const emit = emitter(options, env);
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
  // The first key signs. Said now, and not at the first sign-in.
  const signs = sessions.jwks().keys[0]?.alg;
  if (signs === "ML-DSA-65" || signs === "ML-DSA-87") {
    throw new TypeError(`edgeAuth: keys.access: a token by ${signs} fits no cookie; ML-DSA-44 does`);
  }
  return {
    origin,
    issuer,
    clientId,
    introspection: introspectionOf(options.introspection?.(env) ?? {}),
    seal: options.seal === true ? sealOf(keys, origin) : UNSEALED,
    jar: cookieJar(mode, options.sameSite ?? "lax"),
    routes: new RouteTable(typeof options.routes === "function" ? options.routes(env) : options.routes),
    now: now === undefined ? wallClock : () => now(env),
    companion: options.companion ?? [],
    emit,
    verified: new VerifiedTokens(MAX_VERIFIED),
    tooMany: limiter(options, env, emit),
    sessions,
  };
}

function introspectionOf(secrets: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  for (const [client, secret] of Object.entries(secrets)) {
    if (typeof secret !== "string" || secret.length < 16) {
      throw new TypeError(`edgeAuth: introspection: the secret of ${client} must have 16 characters or more`);
    }
  }
  return new Map(Object.entries(secrets));
}

function emitter<Env>({ on }: EdgeAuthOptions<Env>, env: Env): (event: AnyEvent) => void {
  return (event) => {
    // The map pairs each type with its own handler; the compiler cannot follow that through an index.
    const handler = on?.[event.type] as ((event: AnyEvent, env: Env) => void) | undefined;
    try {
      handler?.(event, env);
    } catch {
      // An alert that fails to go out must not sign anybody out.
    }
  };
}

function limiter<Env>({ rateLimit }: EdgeAuthOptions<Env>, env: Env, emit: Site["emit"]): Site["tooMany"] {
  return async (attempt) => {
    try {
      const wait = (await rateLimit?.(attempt, env)) ?? 0;
      return wait > 0 ? errorResponse("too_many_requests", { retryAfter: wait }) : null;
    } catch (cause) {
      // A count that is away must not close the site.
      emit({ type: "unavailable", during: "rate-limit", cause });
      return null;
    }
  };
}

/** Workers get a request for a host only where that host is routed to them. Elsewhere a host is what a client wrote. */
function vouchesForHosts(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  return navigator?.userAgent === "Cloudflare-Workers";
}

const wallClock = (): number => Math.floor(Date.now() / 1000);
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
const MAX_SITES = 16;
