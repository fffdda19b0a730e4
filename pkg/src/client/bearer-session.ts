// The session of a client without cookies: it holds the pair itself, and refreshes it at a token endpoint.

import { keep } from "./keeper.js";
import { later, undecided } from "./later.js";
import { memoryTokens, type TokenStore, type Tokens } from "./tokens.js";
import type { ClientClaims, ClientOptions, ClientSession, RefreshResult, SessionBackend, TokenView } from "./types.js";

/** Proofs of possession for a session that is bound to a key (RFC 9449): what `dpopKey` of `tandem-jwt/client/dpop` gives. */
export interface ProofMaker {
  /** A proof for one request. `accessToken` is there where the request carries one. */
  proof(method: string, url: string, accessToken?: string): Promise<string>;
  /** Takes a nonce that a server asked for. True if the request is worth another try. */
  takeNonce(url: string, response: Response): boolean;
}

/** The options of `bearerSession`. */
export interface BearerSessionOptions extends ClientOptions {
  /** The token endpoint (RFC 6749 §3.2), such as `https://auth.example.com/auth/token`. */
  tokenEndpoint: string;
  /** The revocation endpoint (RFC 7009). Default: `revoke` beside the token endpoint. */
  revocationEndpoint?: string | undefined;
  /** The client identifier, where the server wants one (RFC 6749 §2.2). */
  clientId?: string | undefined;
  /** Where the pair is kept. Default: in memory, so that it is gone with the page. */
  tokens?: TokenStore | undefined;
  /** The origins that get the access token. Default: the token endpoint's own. */
  origins?: readonly string[] | undefined;
  /** The server's grace, in seconds: an answer that took longer than half of it is thrown away. Default 30. */
  grace?: number | undefined;
  /** Makes proofs, for sessions that are bound to a key. */
  dpop?: ProofMaker | undefined;
}

/** A session whose tokens the client holds. */
export interface BearerSession extends ClientSession {
  /** Takes the pair that a sign-in gave. */
  readonly setTokens: (tokens: Tokens) => Promise<void>;
}

/**
 * Keeps a session by bearer tokens fresh. Before each refresh it reads its store again, one refresh runs at a time where
 * the store can lock, and an answer that comes too late is thrown away: by then another process may have moved on.
 *
 * ```js
 * const session = bearerSession({ tokenEndpoint: "https://auth.example.com/auth/token" });
 * await session.setTokens({ access, refresh });
 * const response = await session.fetch("https://auth.example.com/api/orders");
 * ```
 */
export function bearerSession(options: BearerSessionOptions): BearerSession {
  const { backend, save } = bearerBackend(options);
  const keeper = keep(backend, options, () => undefined);
  keeper.reread();
  const { adopt, reread: _, hear: __, ...session } = keeper;
  return {
    ...session,
    async setTokens({ access, refresh }) {
      const view = viewOf(access);
      if (view === null || typeof refresh !== "string") {
        throw new TypeError("setTokens takes { access, refresh } of a sign-in");
      }
      await save({ access, refresh });
      adopt(view);
    },
  };
}

/** Keeps the pair, and exchanges it at the token endpoint. */
function bearerBackend(options: BearerSessionOptions): {
  backend: SessionBackend;
  save: (pair: Tokens | null) => Promise<void>;
} {
  const { dpop, grace = 30 } = options;
  const endpoint = new URL(options.tokenEndpoint);
  const revocation = new URL(options.revocationEndpoint ?? "revoke", endpoint);
  const origins = new Set((options.origins ?? [endpoint.origin]).map((origin) => new URL(origin).origin));
  const tokens = options.tokens ?? memoryTokens();
  const request = options.fetch ?? ((...args) => fetch(...args));
  const post = poster(options, request);
  let held: Tokens | null = null;

  async function read(): Promise<TokenView | null> {
    held = await tokens.load();
    return viewOf(held?.access);
  }

  async function save(pair: Tokens | null): Promise<void> {
    held = pair;
    await tokens.save(pair);
  }

  async function refreshHeld(stale: TokenView | null, signal: AbortSignal): Promise<RefreshResult> {
    // Not from memory: another process may have refreshed since.
    const found = await read();
    if (held === null) return { kind: "ended" };
    if (found !== null && stale !== null && found.issuedAt > stale.issuedAt) {
      return { kind: "fresh", view: found, made: "before" };
    }
    const presented = held.refresh;
    const begun = Date.now();
    const response = await post(endpoint, { grant_type: "refresh_token", refresh_token: presented }, signal);
    const answer = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    // By wall clock, so that sleep counts: half the grace, in milliseconds.
    const isLate = Date.now() - begun > grace * 500;
    // Whoever shares the store may have refreshed or signed out while this answer was on its way: what they saved stays.
    const current = await read();
    if (held === null) return { kind: "ended" };
    const isOld = held.refresh !== presented;
    if (isOld && current !== null) return { kind: "fresh", view: current, made: "before" };
    // The token that is held leads to the same successor, or to a recovery.
    if (isOld || isLate) return later("the answer was too late");
    if (response.ok) {
      // A server that does not rotate gives no refresh token, and the old one stays good (RFC 6749 §6).
      const { access_token: access, refresh_token: refresh = presented } = answer ?? {};
      const view = viewOf(access);
      if (view !== null && typeof refresh === "string") {
        await save({ access: access as string, refresh });
        return { kind: "fresh", view, made: "now" };
      }
    }
    // Only this error says that the grant is gone (RFC 6749 §5.2): whatever else fails may work the next time.
    if (response.ok || answer?.error !== "invalid_grant") return undecided(response);
    await save(null);
    return { kind: "ended" };
  }

  const backend: SessionBackend = {
    needsFresh: true,
    async read(over) {
      const view = await read();
      return view?.session === over ? null : view;
    },
    refresh: (stale, signal) => tokens.lock(() => refreshHeld(stale, signal), signal),
    send(input, init) {
      const url = new URL((input as Partial<Request>).url ?? (input as string | URL), globalThis.location?.href);
      // A token goes to those it is meant for, never to whom a link points.
      return held === null || !origins.has(url.origin)
        ? request(input, init)
        : sendAuthorized(request, new Request(input, init), url.href, held.access, dpop);
    },
    async signOut() {
      const found = await tokens.load();
      if (found === null) return undefined;
      const response = await post(revocation, { token: found.refresh, token_type_hint: "refresh_token" });
      if (response.ok) await save(null);
      return response;
    },
  };
  return { backend, save };
}

/** Sends a form to an endpoint of the server. */
type Post = (url: URL, fields: Record<string, string>, signal?: AbortSignal) => Promise<Response>;

function poster({ clientId, dpop }: BearerSessionOptions, request: typeof fetch): Post {
  return async (url, fields, signal) => {
    // Once more if the server wants a nonce first (RFC 9449 §8).
    for (let tried = false; ; tried = true) {
      const headers: Record<string, string> = { accept: "application/json" };
      if (dpop) headers.dpop = await dpop.proof("POST", url.href);
      const body = new URLSearchParams(clientId === undefined ? fields : { ...fields, client_id: clientId });
      // A redirect would carry the refresh token to wherever it points.
      const response = await request(url, { method: "POST", headers, body, redirect: "error", signal: signal ?? null });
      if (tried || !dpop?.takeNonce(url.href, response)) return response;
      await response.body?.cancel();
    }
  };
}

/** Sends a request with the access token, and once more where the server wants a nonce first (RFC 9449 §9). */
async function sendAuthorized(
  request: typeof fetch,
  last: Request,
  url: string,
  access: string,
  dpop: ProofMaker | undefined,
): Promise<Response> {
  last.headers.set("authorization", `${dpop ? "DPoP" : "Bearer"} ${access}`);
  // A body is read when it is sent, so the first of two tries sends a copy.
  for (let asked = dpop ? last.clone() : last; ; asked = last) {
    if (dpop) asked.headers.set("dpop", await dpop.proof(asked.method, url, access));
    const response = await request(asked);
    if (asked === last || !dpop?.takeNonce(url, response)) return response;
    await response.body?.cancel();
  }
}

/** The life and claims of an access token. Nothing is verified here: servers do that. By itself, for its weight in a page. */
function viewOf(access: unknown): TokenView | null {
  try {
    const base64 = ((access as string).split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as ClientClaims;
    const { iat, exp, sid = iat } = claims;
    if (typeof iat !== "number" || typeof exp !== "number") return null;
    return { issuedAt: iat, expiresAt: exp, session: String(sid), claims };
  } catch {
    return null;
  }
}
