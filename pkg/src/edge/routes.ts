/**
 * The table of what stands behind the edge. Only what is in it can be reached, and the most specific pattern wins,
 * whatever the order.
 */

/** Whatever answers a `fetch`: a service binding, an assets binding, a Durable Object's stub. */
export interface Fetching {
  fetch(request: Request): Promise<Response>;
}

export interface Route {
  /**
   * Where requests go: an http(s) origin (no path), or a service binding. A framework that uses `handle` needs none.
   */
  origin?: string | Fetching;
  /** Scopes that the access token must hold, separated by spaces. */
  scope?: string;
  /** Let requests without a session through, without claims. */
  optional?: boolean;
  /** `public`: the answer is the same for everyone, so leave its Cache-Control alone. */
  cache?: "public";
  /** Ask the store whether the session was revoked, at each request. Costs one read. */
  checkSession?: boolean;
}

export type Routes = Readonly<Record<string, Route>>;

export type Match =
  | { readonly kind: "route"; readonly route: Route }
  | { readonly kind: "none" }
  | { readonly kind: "ambiguous" };

interface Compiled {
  readonly path: string;
  readonly prefix: boolean;
  readonly route: Route;
}

export class RouteTable {
  readonly #routes: readonly Compiled[];

  /** @throws TypeError for a pattern or an origin that could not be meant. */
  constructor(routes: Routes) {
    this.#routes = Object.entries(routes)
      .map(([pattern, route]) => compile(pattern, route))
      .sort((a, b) => b.path.length - a.path.length || Number(a.prefix) - Number(b.prefix));
  }

  /**
   * An origin may read a path more freely than we do: `/%61pi/me`, `//api/me` and `/API/me` can all be `/api/me` to
   * it. A path whose free reading falls under another route than its plain one would walk round that route's guard.
   */
  match(pathname: string): Match {
    const plain = this.#find(pathname, (path) => path);
    const free = freeReading(pathname);
    if (free === null || this.#find(free, (path) => path.toLowerCase()) !== plain) return { kind: "ambiguous" };
    return plain === undefined ? { kind: "none" } : { kind: "route", route: plain };
  }

  #find(pathname: string, fold: (path: string) => string): Route | undefined {
    return this.#routes.find(({ path, prefix }) => {
      const own = fold(path);
      return pathname === own || pathname === `${own}/` || (prefix && (own === "/" || pathname.startsWith(`${own}/`)));
    })?.route;
  }
}

/** `/api/*` is kept as `/api`: it guards `/api` itself too, which would else fall to a wider and weaker pattern. */
function compile(pattern: string, route: Route): Compiled {
  const prefix = pattern.endsWith("/*");
  const path = prefix ? pattern.slice(0, -2) || "/" : pattern;
  if (!path.startsWith("/") || /[*?#%\\\s]|\/\//.test(path) || (path.endsWith("/") && path !== "/")) {
    throw new TypeError(`route "${pattern}": a pattern is a path such as "/account", or a prefix such as "/api/*"`);
  }
  if (typeof route.origin === "string") checkOrigin(pattern, route.origin);
  return { path, prefix, route };
}

function checkOrigin(pattern: string, origin: string): void {
  let url: URL | null = null;
  try {
    url = new URL(origin);
  } catch {
    // Reported below, with the ones that do parse.
  }
  if (url === null || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href) {
    throw new TypeError(
      `route "${pattern}": origin must be an http or https origin without a path, such as "https://api.internal"`,
    );
  }
}

/** The path as the most liberal origin would read it, in lower case; null for one that nobody should read. */
function freeReading(pathname: string): string | null {
  let path = pathname;
  for (let rounds = 0; path.includes("%"); rounds += 1) {
    if (rounds === MAX_DECODINGS) return null;
    try {
      const decoded = decodeURIComponent(path);
      if (decoded === path) break;
      path = decoded;
    } catch {
      // A percent sign that escapes nothing ("100%25" once decoded) is just a percent sign.
      if (rounds === 0) return null;
      break;
    }
  }
  const kept: string[] = [];
  for (const part of path.replaceAll("\\", "/").split("/")) {
    const segment = part.split(";", 1)[0] ?? ""; // servlets drop "matrix" parameters
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return `/${kept.join("/")}`.toLowerCase();
}

const MAX_DECODINGS = 3;
