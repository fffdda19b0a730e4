// The session of a page behind the edge: tokens in cookies that no script reads, and a companion that says when.

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
   * Signs in: `body` goes to the edge's `authenticate` as JSON. Rejects with a `ClientError` that has the status, or with
   * `ERR_COOKIES_BLOCKED` where the browser kept nothing of the sign-in: the next page would ask for it again.
   */
  readonly signIn: (body: unknown) => Promise<void>;
}

/**
 * Keeps the session of a page fresh, across tabs and sleep. Cookies carry the tokens, so script never sees one; the
 * readable companion cookie says when the access token ends, and shows the claims that the edge was told to show.
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
  // The name of lock and channel. Two sessions on one origin, with other paths or cookies, stay apart.
  const shared = `tandem-jwt ${paths.refresh} ${name}`;

  const post = (path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
    request(path, {
      method: "POST",
      // Said aloud although it is the default: the whole session rests on these cookies going along.
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
      // The server could not clear it, or an answer came late. Left behind, it would send the next page in circles.
      document!.cookie = `${name}=; Path=/; Max-Age=0`;
      return null;
    },
    refresh: (stale, signal) =>
      oneTabAtATime(shared, signal, async (): Promise<RefreshResult> => {
        const now = readCompanion(name);
        // Another tab was faster. The token it got is as fresh as one of our own would be.
        if (now !== null && stale !== null && now.issuedAt > stale.issuedAt) {
          return { kind: "fresh", view: now, made: "before" };
        }
        // The body is empty: the refresh token is in a cookie that only the edge reads.
        const response = await post(paths.refresh, {}, signal);
        if (response.status === 401) return { kind: "ended" };
        const view = response.ok ? viewOf(await response.json()) : null;
        if (view !== null) return { kind: "fresh", view, made: "now" };
        return undecided(response);
      }),
    send: (input, init) => request(input, init),
    async signOut() {
      const response = await post(paths.logout, {});
      // A 401 says that the session was over before.
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

/** The companion cookie, or null: signed out, or storage is blocked, where reading throws. */
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
