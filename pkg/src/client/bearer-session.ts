// The session of a client without cookies: it holds the token pair itself, and refreshes it at a token endpoint.

import { keep } from "./keeper.js";
import { later, undecided } from "./later.js";
import { memoryTokens, type TokenStore, type Tokens } from "./tokens.js";
import type { ClientClaims, ClientOptions, ClientSession, RefreshResult, SessionBackend, TokenView } from "./types.js";

/** Sends requests with proofs of possession (RFC 9449): the result of `dpopKey` of `tandem-jwt/client/dpop`. */
export interface ProofSender {
  /**
   * Sends a request with a proof, and once more if the server asks for a nonce. An `accessToken` is sent with the
   * request and bound into the proof. `fetch` sends it; default: the global `fetch`.
   */
  send(request: Request, accessToken?: string, fetch?: (request: Request) => Promise<Response>): Promise<Response>;
}

/** The options of `bearerSession`. */
export interface BearerSessionOptions extends ClientOptions {
  /** The token endpoint (RFC 6749 §3.2), such as `https://auth.example.com/auth/token`. */
  tokenEndpoint: string;
  /** The revocation endpoint (RFC 7009). Default: `revoke`, relative to the token endpoint. */
  revocationEndpoint?: string | undefined;
  /** The client identifier, if the server requires one (RFC 6749 §2.2). */
  clientId?: string | undefined;
  /** Where the pair is stored. Default: in memory, so that it is gone with the page. */
  tokens?: TokenStore | undefined;
  /** The origins that receive the access token. Default: only the token endpoint's origin. */
  origins?: readonly string[] | undefined;
  /** The server's grace period, in seconds: an answer that took longer than half of it is discarded. Default 30. */
  grace?: number | undefined;
  /** The key that the session is bound to, if any. */
  dpop?: ProofSender | undefined;
}

/** A session whose tokens the client holds. */
export interface BearerSession extends ClientSession {
  /** Takes the pair from a sign-in. */
  readonly setTokens: (tokens: Tokens) => Promise<void>;
}

/**
 * Keeps a session by bearer tokens fresh. Before each refresh the store is read again, one refresh runs at a time if
 * the store can lock, and a late answer is discarded because another process may have refreshed by then.
 *
 * ```js
 * const session = bearerSession({ tokenEndpoint: "https://auth.example.com/auth/token" });
 * await session.setTokens({ access, refresh });
 * const response = await session.fetch("https://auth.example.com/api/orders");
 * ```
 */
export function bearerSession(options: BearerSessionOptions): BearerSession {
  const { backend, save } = bearerBackend(options);
  const { session, reread, adopt } = keep(backend, options, () => undefined);
  reread();
  return {
    ...session,
    async setTokens({ access, refresh }) {
      const view = viewOf(access);
      if (view === null || typeof refresh !== "string") {
        throw new TypeError("setTokens takes { access, refresh }");
      }
      await save({ access, refresh });
      adopt(view);
    },
  };
}

/** Stores the pair, and exchanges it at the token endpoint. */
function bearerBackend(options: BearerSessionOptions): {
  backend: SessionBackend;
  save: (pair: Tokens | null) => Promise<void>;
} {
  const { clientId, dpop, grace = 30 } = options;
  const endpoint = new URL(options.tokenEndpoint);
  const revocation = new URL(options.revocationEndpoint ?? "revoke", endpoint);
  const origins = new Set((options.origins ?? [endpoint.origin]).map((origin) => new URL(origin).origin));
  const tokens = options.tokens ?? memoryTokens();
  const request = options.fetch ?? ((...args) => fetch(...args));
  let held: Tokens | null = null;

  const deliver = (sent: Request, access?: string): Promise<Response> =>
    dpop ? dpop.send(sent, access, request) : request(sent);

  /** Sends a form to one of the server's endpoints. */
  function post(url: URL, fields: Record<string, string>, signal: AbortSignal | null = null): Promise<Response> {
    const headers = { accept: "application/json" };
    const body = new URLSearchParams(clientId === undefined ? fields : { ...fields, client_id: clientId });
    // A redirect would send the refresh token to another address.
    return deliver(new Request(url, { method: "POST", headers, body, redirect: "error", signal }));
  }

  async function read(): Promise<TokenView | null> {
    held = await tokens.load();
    return viewOf(held?.access);
  }

  async function save(pair: Tokens | null): Promise<void> {
    held = pair;
    await tokens.save(pair);
  }

  async function refreshHeld(stale: TokenView | null, signal: AbortSignal): Promise<RefreshResult> {
    // Read again instead of taken from memory: another process may have refreshed since.
    const found = await read();
    if (held === null) return { kind: "ended" };
    if (found !== null && stale !== null && found.issuedAt > stale.issuedAt) {
      return { kind: "fresh", view: found, made: "before" };
    }
    const presented = held.refresh;
    const begun = Date.now();
    const response = await post(endpoint, { grant_type: "refresh_token", refresh_token: presented }, signal);
    const answer = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    // By the wall clock, so that sleep counts: half the grace period, in milliseconds.
    const isLate = Date.now() - begun > grace * 500;
    // Another user of the store may have refreshed or signed out while this answer was on its way: what they saved
    // stays.
    const current = await read();
    if (held === null) return { kind: "ended" };
    if (held.refresh !== presented && current !== null) return { kind: "fresh", view: current, made: "before" };
    // The stored token leads to the same successor, or to a recovery.
    if (held.refresh !== presented || isLate) return later("the answer came late");
    if (response.ok) {
      // A server that does not rotate returns no refresh token, and the old one stays valid (RFC 6749 §6).
      const { access_token: access, refresh_token: refresh = presented } = answer ?? {};
      const view = viewOf(access);
      if (view !== null && typeof refresh === "string") {
        await save({ access: access as string, refresh });
        return { kind: "fresh", view, made: "now" };
      }
    }
    // Only this error says that the grant is gone (RFC 6749 §5.2): any other failure may be temporary.
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
    refresh: async (stale, signal) => tokens.lock(() => refreshHeld(stale, signal), signal),
    send(input, init) {
      const sent = new Request(input, init);
      // The token is sent only to the configured origins, whatever URL a link holds.
      if (held === null || !origins.has(new URL(sent.url).origin)) return request(sent);
      sent.headers.set("authorization", `Bearer ${held.access}`);
      return deliver(sent, held.access);
    },
    async signOut() {
      await read();
      if (held === null) return undefined;
      const response = await post(revocation, { token: held.refresh, token_type_hint: "refresh_token" });
      if (response.ok) await save(null);
      return response;
    },
  };
  return { backend, save };
}

/** The lifetime and claims of an access token, unverified: servers verify. Decoded here to keep page bundles small. */
function viewOf(access: unknown): TokenView | null {
  try {
    // Text without a dot is caught below.
    const base64 = (access as string).split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as ClientClaims;
    const { iat, exp, sid = iat } = claims;
    if (typeof iat !== "number" || typeof exp !== "number") return null;
    return { issuedAt: iat, expiresAt: exp, session: String(sid), claims };
  } catch {
    return null;
  }
}
