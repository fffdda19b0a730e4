/**
 * The table of the origins behind the edge. Nothing else can be reached, and the most specific pattern wins,
 * whatever the order.
 *
 * A path is refused when two of its readings fall under different routes: the origin could then serve what another
 * route guards. `readings.ts` has the readings.
 */

import { unknownOption } from "../core/unknown-option.js";
import { Patterns } from "./patterns.js";
import type { ProtectOptions } from "./protect-options.js";
import { AMBIGUOUS, decodePath, fold, NEVER, ripe, steps } from "./readings.js";

/** Anything with a `fetch`: a service binding, an assets binding, a Durable Object stub. */
export interface Fetching {
  fetch(request: Request): Promise<Response>;
}

/** The options of `protect` for a route, without `on` and `now`, which are those of the edge. */
export type TokensOf = Omit<ProtectOptions, "on" | "now">;

export interface Route {
  /**
   * Where requests go: an http(s) origin (no path), or a service binding. Not needed by a framework that uses `handle`.
   */
  origin?: string | Fetching;
  /** Required scopes of the access token, separated by spaces. */
  scope?: string;
  /** Let requests without a session through, with null claims. */
  optional?: boolean;
  /**
   * Accept access tokens of another system, in `Authorization`, and neither our cookies nor our own tokens: `{ issuer:
   * remoteKeys.ofIssuer(…), algorithms, audience }`, or a list of them.
   */
  tokensOf?: TokensOf | readonly TokensOf[];
  /** The allowed methods, such as `["GET", "HEAD"]`; others are answered with 405. Default: all. */
  methods?: readonly string[];
  /** `public`: the response is the same for everyone, so its Cache-Control is left alone. */
  cache?: "public";
  /** Ask the store on each request whether the session was revoked. Costs one read. */
  checkSession?: boolean;
}

export type Routes = Readonly<Record<string, Route>>;

/** The names of a route's options, kept complete by the compiler. */
const KNOWN: Readonly<Record<keyof Route, true>> = {
  origin: true,
  scope: true,
  optional: true,
  tokensOf: true,
  methods: true,
  cache: true,
  checkSession: true,
};

export type Match =
  | { readonly kind: "route"; readonly route: Route }
  | { readonly kind: "none" }
  | { readonly kind: "ambiguous" };

/**
 * The total length of all readings of one path. Each reading counts as READING more characters, which bounds their
 * number.
 */
const BUDGET = 65_536;
const READING = 2_048;
/** The characters that steps may produce, repeats included: `/a../a../a..` has as many steps as segments. */
const WORK = 524_288;
/** The longest ambiguous path: an object key of 1,024 bytes has 3,072 characters when every byte is escaped. */
const MAX_AMBIGUOUS = 4_096;
/** React Router answers `/admin.data` with the data of the loaders of `/admin`. */
const DATA_SUFFIX = /\.data\/?$/;

export class RouteTable {
  readonly #plain = new Patterns<Route>();
  readonly #ripe = new Patterns<Route>();

  /** @throws TypeError for an invalid pattern or origin. */
  constructor(routes: Routes) {
    for (const [pattern, route] of Object.entries(routes)) {
      checkRoute(pattern, route);
      if (typeof route.origin === "string") checkOrigin(pattern, route.origin);
      if (route.tokensOf !== undefined && route.checkSession === true) {
        throw new TypeError(
          `route "${pattern}": checkSession cannot be combined with tokensOf, whose tokens belong to no session here`,
        );
      }
      const isPrefix = pattern.endsWith("/*");
      const path = isPrefix ? pattern.slice(0, -2) : pattern === "/" ? "" : pattern;
      for (const form of forms(pattern, path)) {
        this.#plain.add(form, isPrefix, route);
        // Two routes that differ only in case, accents or width: an origin may confuse them.
        if (!this.#ripe.add(ripe(form), isPrefix, route)) {
          throw new TypeError(`route "${pattern}": some origins would read it as the same path as another route`);
        }
      }
    }
  }

  /**
   * The route that guards a path, given as it stands in a URL; "ambiguous" if origins could disagree about the route.
   */
  match(pathname: string): Match {
    const route = this.#plain.find(pathname);
    // Nearly every path is plain, and has only one other reading: its case folded.
    const agreed = AMBIGUOUS.test(pathname)
      ? this.#allReadingsFallUnder(route, pathname)
      : this.#isRipeUnder(route, pathname.toLowerCase());
    if (!agreed) return { kind: "ambiguous" };
    return route === undefined ? { kind: "none" } : { kind: "route", route };
  }

  #allReadingsFallUnder(route: Route | undefined, pathname: string): boolean {
    if (pathname.length > MAX_AMBIGUOUS) return false;
    let budget = BUDGET - pathname.length - READING;
    let work = WORK;
    const readings = new Set([pathname]);
    // Iterating a Set also visits elements added on the way, so this is a breadth-first search.
    for (const reading of readings) {
      if (NEVER.test(reading)) return false;
      // Each reading is checked both as it stands and ripe, because origins differ in how far they normalise.
      if (this.#plain.find(reading) !== route || !this.#isRipeUnder(route, ripe(reading))) return false;
      // The budgets end the search whatever the steps produce: folding can lengthen a path.
      for (const next of steps(reading)) {
        work -= next.length;
        if (!readings.has(next)) budget -= next.length + READING;
        if (budget < 0 || work < 0) return false;
        readings.add(next);
      }
    }
    return true;
  }

  #isRipeUnder(route: Route | undefined, path: string): boolean {
    if (this.#ripe.find(path) !== route) return false;
    return !DATA_SUFFIX.test(path) || this.#ripe.find(path.replace(DATA_SUFFIX, "")) === route;
  }
}

/**
 * The forms of a pattern: as it stands in a URL, decoded, and folded. "/café/*", "/caf%C3%A9/*" and "/my files/*" are
 * all valid.
 *
 * @throws TypeError for a pattern that no legitimate path can match.
 */
function forms(pattern: string, path: string): Set<string> {
  let inUrl = "";
  try {
    inUrl = new URL(`http://host${path}`).pathname.replace(/^\/$/, "");
  } catch {
    // `path` does not begin with a slash; refused below.
  }
  const plain = decodePath(inUrl);
  const isOdd =
    /[*?#\\;%]|\/\/|[\s./](?:\/|$)|\/\s/.test(plain) ||
    /[*?#;\\]|%2f|(?:^|\/)\.{1,2}(?:\/|$)/i.test(path) ||
    NEVER.test(path);
  if (isOdd || !pattern.startsWith("/")) {
    throw new TypeError(
      `route "${pattern}": a pattern must be a path such as "/account", or a prefix such as "/api/*"`,
    );
  }
  return new Set([inUrl, plain, fold(plain)]);
}

/** @throws TypeError for an option that would not do what its author meant. */
function checkRoute(pattern: string, route: Route): void {
  const { scope, methods } = route;
  const unknown = unknownOption(route, Object.keys(KNOWN));
  if (unknown !== undefined) throw new TypeError(`route "${pattern}" ${unknown}`);
  if (scope !== undefined && (typeof scope !== "string" || scope === ""))
    throw new TypeError(`route "${pattern}": scope must be a non-empty string`);
  for (const name of ["optional", "checkSession"] as const) {
    if (route[name] !== undefined && typeof route[name] !== "boolean")
      throw new TypeError(`route "${pattern}": ${name} must be true or false`);
  }
  if (methods !== undefined && !(Array.isArray(methods) && methods.every((method) => /^[A-Z]+$/.test(String(method)))))
    throw new TypeError(`route "${pattern}": methods must be an array of names such as "GET"`);
}

function checkOrigin(pattern: string, origin: string): void {
  let url: URL | null = null;
  try {
    url = new URL(origin);
  } catch {
    // Reported below, like URLs that parse but are not origins.
  }
  if (url === null || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href) {
    throw new TypeError(
      `route "${pattern}": origin must be an http or https origin without a path, such as "https://api.internal"`,
    );
  }
}
