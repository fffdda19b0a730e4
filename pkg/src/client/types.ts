// The types that both kinds of client session share.

/** The claims of an access token that the client may see. */
export type ClientClaims = { readonly [name: string]: unknown };

/** An access token as the client sees it: its lifetime, in seconds since 1970 by the server's clock, and its claims. */
export interface TokenView {
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The identifier of its session. */
  readonly session: string;
  readonly claims: ClientClaims;
}

/** The state of a session. The same object until something changes, so that frameworks can compare it with `===`. */
export type SessionSnapshot =
  | { readonly status: "signed-in"; readonly claims: ClientClaims; readonly expiresAt: number }
  | { readonly status: "signed-out"; readonly claims: null; readonly expiresAt: null };

/** The events of a client, by name. */
export interface ClientEvents {
  /** Signed in, signed out, refreshed, or the claims changed: here or in another tab. */
  change: SessionSnapshot;
  /** A refresh failed temporarily. The session goes on; the next try comes in `retryIn` seconds. */
  retry: { readonly cause: unknown; readonly retryIn: number };
}

/** The outcome of a refresh. */
export type RefreshResult =
  /** There is a fresh token: made `now`, or `before` by another tab or process. */
  | { readonly kind: "fresh"; readonly view: TokenView; readonly made: "now" | "before" }
  /** The server has ended the session, for good. */
  | { readonly kind: "ended" }
  /**
   * Undecided: the network, the server or its response failed. Without `retryAfter`, in seconds, no server was reached.
   */
  | { readonly kind: "later"; readonly cause: unknown; readonly retryAfter?: number | undefined };

/** How a client's tokens are stored and sent: in cookies, or by the client itself. */
export interface SessionBackend {
  /** The token that is known without asking the server. `over` is a session that has ended: its tokens are ignored. */
  read(over: string | undefined): TokenView | null | Promise<TokenView | null>;
  /** Asks the server for a fresh access token, unless another tab or process has refreshed since `stale` was read. */
  refresh(stale: TokenView | null, signal: AbortSignal): Promise<RefreshResult>;
  /** Sends a request with the session's credentials. */
  send(input: string | URL | Request, init: RequestInit | undefined): Promise<Response>;
  /** Whether requests need an unexpired token. With cookies the edge refreshes on the way. */
  readonly needsFresh: boolean;
  /** Ends the session on the server. Returns the response, or undefined if the session had already ended. */
  signOut(): Promise<Response | undefined>;
}

/** The options that every client takes. */
export interface ClientOptions {
  /**
   * How many seconds before its expiry an access token is refreshed. Default 60, and never more than a third of its
   * lifetime.
   */
  refreshAhead?: number | undefined;
  /** The `fetch` to send with. Default: the global one. */
  fetch?: typeof fetch | undefined;
}

/** A session as the application uses it. Every method may be passed on unbound: none uses `this`. */
export interface ClientSession {
  /** The current state. For React's `useSyncExternalStore`, and for the first render. */
  readonly getSnapshot: () => SessionSnapshot;
  /** Calls `listener` after each change, until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Calls `listener` for each event of this name, until the returned function is called. */
  readonly on: <Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ) => () => void;
  /**
   * Sends a request of the session: waits for a refresh in progress, and answers a 401 with one refresh and one retry.
   * A body that is a stream is sent only once.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /**
   * Refreshes now, whatever the clock says. Resolves with the state afterwards, even if the server could not be
   * reached.
   */
  readonly refresh: () => Promise<SessionSnapshot>;
  /** Signs out here, in other tabs, and on the server. Rejects if the server could not be reached: try again then. */
  readonly signOut: () => Promise<void>;
  /** Stops timers and listeners. The session itself continues on the server. */
  readonly close: () => void;
}

/** Why a request made by the client itself failed. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  declare readonly code: "ERR_SIGN_IN" | "ERR_COOKIES_BLOCKED" | "ERR_SIGN_OUT" | "ERR_REFRESH";
  /** The HTTP status, if there was a response. */
  declare readonly status: number | undefined;

  constructor(code: ClientError["code"], message: string, status?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
  }
}
