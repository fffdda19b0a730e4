// The types that both clients of a session share.

/** The claims of an access token that the client may know. */
export type ClientClaims = { readonly [name: string]: unknown };

/** An access token as the client sees it: its life, in seconds since 1970 by the server's clock, and its claims. */
export interface TokenView {
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The name of its session. */
  readonly session: string;
  readonly claims: ClientClaims;
}

/** The state of a session. The same object until something changes, so that frameworks can compare it by `===`. */
export type SessionSnapshot =
  | { readonly status: "signed-in"; readonly claims: ClientClaims; readonly expiresAt: number }
  | { readonly status: "signed-out"; readonly claims: null; readonly expiresAt: null };

/** The events of a client, by name. */
export interface ClientEvents {
  /** Signed in, signed out, refreshed, or the claims changed: here or in another tab. */
  change: SessionSnapshot;
  /** A refresh that failed for now. The session goes on; the next try comes in `retryIn` seconds. */
  retry: { readonly cause: unknown; readonly retryIn: number };
}

/** How an attempt to refresh ended. */
export type RefreshResult =
  /** There is a fresh token: made `now`, or `before` by another tab or process. */
  | { readonly kind: "fresh"; readonly view: TokenView; readonly made: "now" | "before" }
  /** The server has ended the session, for good. */
  | { readonly kind: "ended" }
  /** Nothing is decided: the network, the server or its answer failed. Without `retryAfter`, in seconds, no server was reached. */
  | { readonly kind: "later"; readonly cause: unknown; readonly retryAfter?: number | undefined };

/** The way that a client's tokens are kept and sent: in cookies, or by the client itself. */
export interface SessionBackend {
  /** The token that is known without asking the server. `over` is a session that has ended: a token of it is old. */
  read(over: string | undefined): TokenView | null | Promise<TokenView | null>;
  /** Asks the server for a fresh access token, unless somebody else has since `stale` was read. */
  refresh(stale: TokenView | null, signal: AbortSignal): Promise<RefreshResult>;
  /** Sends a request with what proves the session. */
  send(input: string | URL | Request, init: RequestInit | undefined): Promise<Response>;
  /** Whether requests need a token that has not expired. By cookie the edge refreshes on the way. */
  readonly needsFresh: boolean;
  /** Ends the session at the server. Its answer, or nothing where nothing was left to end. */
  signOut(): Promise<Response | undefined>;
}

/** The options that every client takes. */
export interface ClientOptions {
  /**
   * How long before its end an access token is refreshed, in seconds. Default 60, and never more than a third of its
   * life.
   */
  refreshAhead?: number | undefined;
  /** The `fetch` to send with. Default: the host's. */
  fetch?: typeof fetch | undefined;
}

/** A session as a client holds it. Every method may be passed on by itself: none uses `this`. */
export interface ClientSession {
  /** The state as of now. For React's `useSyncExternalStore`, and for first renderings. */
  readonly getSnapshot: () => SessionSnapshot;
  /** Calls `listener` after each change, until the function that it returns is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Calls `listener` with each event of this name, until the function that it returns is called. */
  readonly on: <Name extends keyof ClientEvents>(
    name: Name,
    listener: (event: ClientEvents[Name]) => void,
  ) => () => void;
  /**
   * Sends a request of the session: waits for a refresh that is under way, and answers a 401 by one refresh and one more
   * try. A body that is a stream is sent once.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Refreshes now, whatever the clock says. Resolves with the state after it, also when the server could not be asked. */
  readonly refresh: () => Promise<SessionSnapshot>;
  /** Signs out, here, in other tabs, and at the server. Rejects if the server could not be told: try again then. */
  readonly signOut: () => Promise<void>;
  /** Stops timers and listeners. The session itself goes on at the server. */
  readonly close: () => void;
}

/** Why a request of the client itself failed. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  declare readonly code: "ERR_SIGN_IN" | "ERR_COOKIES_BLOCKED" | "ERR_SIGN_OUT" | "ERR_REFRESH";
  /** The HTTP status, where there was an answer. */
  declare readonly status: number | undefined;

  constructor(code: ClientError["code"], message: string, status?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
  }
}
