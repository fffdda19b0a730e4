// The session of a page behind the edge: tokens in cookies that no script reads, and a companion that says when.

import { keep } from "./keeper.js";
import { oneTabAtATime, tabs } from "./tabs.js";
import {
  ClientError,
  type ClientOptions,
  type ClientSession,
  type RefreshResult,
  type TokenView,
  type Transport,
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
  /** Signs in: `body` goes to the edge's `authenticate` as JSON. Rejects with a `ClientError` that has the status. */
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
  const shared = `tandem-jwt ${paths.refresh} ${name}`;

  const post = (path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
    request(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
      signal: signal ?? null,
    });

  const transport: Transport = {
    needsFresh: false,
    read: () => readCompanion(name),
    refresh: (stale, signal) =>
      oneTabAtATime(shared, signal, async (): Promise<RefreshResult> => {
        const now = readCompanion(name);
        // Another tab was faster. The token it got is as fresh as one of our own would be.
        if (now !== null && stale !== null && now.issuedAt > stale.issuedAt) {
          return { kind: "fresh", view: now, made: "before" };
        }
        const response = await post(paths.refresh, {}, signal);
        if (response.status === 401) return { kind: "ended" };
        const view = response.ok ? viewOf(await response.json()) : null;
        if (view !== null) return { kind: "fresh", view, made: "now" };
        const cause = new ClientError(
          "ERR_REFRESH",
          `the refresh was answered with ${response.status}`,
          response.status,
        );
        return { kind: "later", cause, retryAfter: retryAfter(response) };
      }),
    send: (input, init) => request(input, init),
    async signOut() {
      const response = await post(paths.logout, {}).catch((cause: unknown) => {
        throw new ClientError("ERR_SIGN_OUT", "the server could not be told", undefined, cause);
      });
      // A 401 says that the session was over before.
      if (!response.ok && response.status !== 401) {
        throw new ClientError("ERR_SIGN_OUT", `the sign-out was answered with ${response.status}`, response.status);
      }
    },
  };

  const others = tabs(shared, (change) => (change === "ended" ? keeper.forget() : void keeper.reread()));
  const keeper = keep(transport, options, others.tell);
  void keeper.reread();
  const { adopt, reread: _, forget: __, ...session } = keeper;
  return {
    ...session,
    async signIn(body) {
      const response = await post(paths.login, body);
      const view = response.ok ? viewOf(await response.json()) : null;
      if (view === null) {
        throw new ClientError("ERR_SIGN_IN", `the sign-in was answered with ${response.status}`, response.status);
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
  const { iat, exp, ...claims } = ((answer as { session?: unknown } | null)?.session ?? {}) as Record<string, unknown>;
  return typeof iat === "number" && typeof exp === "number" ? { issuedAt: iat, expiresAt: exp, claims } : null;
}

/** Seconds to wait (RFC 9110 §10.2.3), where the server said a number. */
export function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return seconds >= 0 ? Math.min(seconds, 300) : undefined;
}
