// The session of a page behind the edge: tokens in cookies that no script can read, and a companion cookie with the
// times.

import { keep } from "./keeper.js";
import { undecided } from "./later.js";
import { oneTabAtATime, tabs } from "./tabs.js";
import {
  ClientError,
  type ClientOptions,
  type ClientSession,
  type RefreshResult,
  type SessionBackend,
  type TokenView,
} from "./types.js";

/** The options of `browserSession`. */
export interface BrowserSessionOptions extends ClientOptions {
  /** The paths of the edge. Default: `/auth/login`, `/auth/refresh` and `/auth/logout`. */
  paths?: { login?: string; refresh?: string; logout?: string } | undefined;
  /** The name of the readable cookie. Default: `session`. */
  companion?: string | undefined;
}

/** A session that the edge keeps in cookies. */
export interface BrowserSession extends ClientSession {
  /**
   * Signs in: `body` goes to the edge's `authenticate` as JSON. Rejects with a `ClientError` that has the status, or
   * with `ERR_COOKIES_BLOCKED` if the browser stored no cookie: the next page would ask for a sign-in again.
   */
  readonly signIn: (body: unknown) => Promise<void>;
}

/**
 * Keeps the session of a page fresh, across tabs and sleep. The tokens are in cookies, so script never sees one; the
 * readable companion cookie holds the access token's expiry and the claims that the edge is configured to show.
 *
 * ```js
 * const session = browserSession();
 * session.on("change", ({ claims }) => render(claims));
 * const response = await session.fetch("/api/orders");
 * ```
 */
export function browserSession(options: BrowserSessionOptions = {}): BrowserSession {
  const paths = { login: "/auth/login", refresh: "/auth/refresh", logout: "/auth/logout", ...options.paths };
  const name = options.companion ?? "session";
  const request = options.fetch ?? ((...args) => fetch(...args));
  // The name of the lock and the channel. Two sessions on one origin, with different paths or cookies, stay separate.
  const shared = `tandem-jwt ${paths.refresh} ${name}`;

  const post = (path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
    request(path, {
      method: "POST",
      // Explicit although it is the default: the whole session relies on these cookies being sent.
      credentials: "same-origin",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
      signal: signal ?? null,
    });

  const backend: SessionBackend = {
    needsFresh: false,
    read(over) {
      const found = readCompanion(name);
      if (found === null || found.session !== over) return found;
      // The server could not clear the cookie, or a late answer set it again. If it stayed, the next page would
      // redirect in circles.
      document!.cookie = `${name}=; Path=/; Max-Age=0`;
      return null;
    },
    refresh: (stale, signal) =>
      oneTabAtATime(shared, signal, async (): Promise<RefreshResult> => {
        const now = readCompanion(name);
        // Another tab was faster. Its token is as fresh as one of our own would be.
        if (now !== null && stale !== null && now.issuedAt > stale.issuedAt) {
          return { kind: "fresh", view: now, made: "before" };
        }
        // The body is empty: the refresh token is in a cookie that only the edge can read.
        const response = await post(paths.refresh, {}, signal);
        if (response.status === 401) return { kind: "ended" };
        const view = response.ok ? viewOf(await response.json()) : null;
        if (view !== null) return { kind: "fresh", view, made: "now" };
        return undecided(response);
      }),
    send: (input, init) => request(input, init),
    async signOut() {
      const response = await post(paths.logout, {});
      // A 401 means that the session had already ended.
      return response.status === 401 ? undefined : response;
    },
  };

  const others = tabs(shared, (over) => hear(over));
  const { session, reread, adopt, hear } = keep(backend, options, others.tell);
  reread();
  return {
    ...session,
    async signIn(body) {
      const response = await post(paths.login, body);
      const view = response.ok ? viewOf(await response.json()) : null;
      if (view === null) {
        throw new ClientError("ERR_SIGN_IN", `the sign-in was answered with ${response.status}`, response.status);
      }
      if (readCompanion(name) === null) {
        throw new ClientError("ERR_COOKIES_BLOCKED", "the browser keeps no cookies of this site");
      }
      adopt(view);
    },
    close() {
      session.close();
      others.close();
    },
  };
}

/** The companion cookie, or null if signed out, or if storage is blocked and reading throws. */
function readCompanion(name: string): TokenView | null {
  try {
    const line = document?.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
    return line === undefined ? null : viewOf({ session: JSON.parse(decodeURIComponent(line.slice(name.length + 1))) });
  } catch {
    return null;
  }
}

function viewOf(answer: unknown): TokenView | null {
  const view = ((answer as { session?: unknown } | null)?.session ?? {}) as Record<string, unknown>;
  const { iat, exp, ...claims } = view;
  if (typeof iat !== "number" || typeof exp !== "number") return null;
  return { issuedAt: iat, expiresAt: exp, session: String(claims.sid ?? iat), claims };
}
