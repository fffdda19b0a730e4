import type { JwtPayload } from "../jwt/types.js";
import type { Claims, SessionEvent, SessionOptions, SessionView, Transport } from "../session/index.js";
import type { SessionStore } from "../session/store.js";
import type { CookieMode } from "./cookies.js";
import type { Attempt } from "./limits.js";
import type { Routes } from "./routes.js";

/** The rotation policy: lifetimes, grace, recovery. Each defaults to the value in `createSessions`. */
export type SessionPolicy = Pick<
  SessionOptions,
  "accessTtl" | "refreshIdle" | "absolute" | "grace" | "recovery" | "handOuts" | "jitter" | "profile" | "dpop"
>;

/** Who signed in, as determined by the application. */
export interface SignIn {
  sub: string;
  /** Added to every access token of the session. At most 2 KB of JSON. */
  claims?: Claims;
  scope?: string;
  /** How strong the authentication was (RFC 9068 §2.2.1). */
  acr?: string;
  /** A name for the list of sessions, such as "Firefox on Linux". */
  device?: string;
  /**
   * `bearer` returns the tokens to the client as JSON (RFC 6749 §5.1) and sets no cookie: for clients other than pages.
   * Default `cookie`.
   */
  transport?: Transport;
}

/** An event that the operator of the edge should know about. It holds no token, key or cookie. */
export type EdgeEvent =
  | {
      readonly type: "unavailable";
      readonly during:
        | "sign-in"
        | "refresh"
        | "verify"
        | "logout"
        | "sessions"
        | "introspection"
        | "rate-limit"
        | "origin"
        /** The keys of another system, or its proof memory (`tokensOf` of a route). */
        | "issuer";
      readonly cause?: unknown;
    }
  /** `authenticate` threw, or its result cannot become a session: a mistake of the application. */
  | { readonly type: "sign_in_rejected"; readonly cause: unknown }
  /** A token of another system was refused: with the code of an error, or with its claims if it verified. */
  | { readonly type: "token_refused"; readonly reason: string; readonly cause?: unknown; readonly claims?: JwtPayload }
  | { readonly type: "cookie_too_large"; readonly cookie: "access" | "refresh" | "session"; readonly sub: string };

export type AnyEvent = SessionEvent | EdgeEvent;

/** One handler for each type of event: `on: { reuse: alert }`. Errors thrown by a handler are ignored. */
export type EventHandlers<Env> = {
  readonly [Type in AnyEvent["type"]]?: (event: Extract<AnyEvent, { type: Type }>, env: Env) => void;
};

/** The paths of the endpoints. docs/edge.md describes what each accepts and returns. */
export interface Paths {
  /** Default `/auth/login`. */
  login: string;
  /** Default `/auth/refresh`. */
  refresh: string;
  /** Default `/auth/logout`. */
  logout: string;
  /** What script may know about its session. Default `/auth/session`. */
  session: string;
  /** A user's sessions: list them, end one, or end all others. Default `/auth/sessions`. */
  sessions: string;
  /** RFC 6749 §6. Default `/auth/token`. */
  token: string;
  /** RFC 7009. Default `/auth/revoke`. */
  revoke: string;
  /** RFC 7662; exists only with the option `introspection`. Default `/auth/introspect`. */
  introspect: string;
  /** Default `/.well-known/jwks.json`. */
  jwks: string;
  /** RFC 8414. Default `/.well-known/oauth-authorization-server`. */
  metadata: string;
}

/** The name of an endpoint. */
export type Endpoint = keyof Paths;

/** An edge without sessions of its own: it guards APIs for tokens of other systems (`tokensOf` of a route). */
export type ApiEdgeOptions<Env = unknown> = Pick<
  EdgeAuthOptions<Env>,
  "routes" | "origin" | "rateLimit" | "identityHeaders" | "on" | "now"
> & { readonly store?: undefined; readonly keys?: undefined; readonly authenticate?: undefined };

export interface EdgeAuthOptions<Env = unknown> {
  store: (env: Env) => SessionStore;
  /** Current key first. Store them as secrets; the origins need the access key only. */
  keys: (env: Env) => SessionOptions["keys"];
  /**
   * The application's own sign-in, called on `POST /auth/login`: returns the user, or null if the credentials are
   * wrong. A `Response` is sent to the client unchanged (a second factor is needed, too many attempts).
   */
  authenticate: (request: Request, env: Env) => SignIn | Response | null | Promise<SignIn | Response | null>;
  /** Reads the claims again at every refresh, so that a revoked role is gone within one access token lifetime. */
  claims?: (session: SessionView, env: Env) => Claims | Promise<Claims>;
  routes: Routes | ((env: Env) => Routes);
  /**
   * Default `host`. `dev` serves http on localhost, 127.0.0.1 and [::1], for browsers that reject Secure cookies there.
   */
  cookies?: CookieMode | ((env: Env) => CookieMode);
  /** Default `lax`. With `strict`, a visitor who follows a link from another site arrives signed out. */
  sameSite?: "lax" | "strict";
  /**
   * Encrypts the tokens in the cookies (AES-256-GCM, under keys derived from the refresh keys), so that the browser
   * stores no usable token on disk. Sealed cookies are a third longer, which limits access tokens to 2.8 KB. Default
   * false.
   */
  seal?: boolean;
  /** Claims that the readable `session` cookie shows besides `exp` and `iat`. */
  companion?: readonly string[];
  policy?: SessionPolicy | ((env: Env) => SessionPolicy);
  /**
   * The public origin, such as "https://app.example", or a list if one deployment serves several. With a list, a
   * request to any other origin is refused; a single origin applies whatever the request says. Default: the request's
   * own origin, which is right on loopback and on platforms that vouch for it, such as Workers.
   */
  origin?: string | readonly string[];
  /** Default: the public origin. */
  issuer?: string;
  /** Default: the public origin. */
  audience?: string | string[];
  /** Default: the public origin. */
  clientId?: string;
  /**
   * The path of the sign-in page, to which documents that need a session are redirected. Without it they get a 401 too.
   */
  signIn?: string;
  /** The paths of the endpoints; null turns one off. */
  paths?: { readonly [Endpoint in keyof Paths]?: Paths[Endpoint] | null };
  /** The clients that may introspect tokens (RFC 7662): their secrets, of at least 16 characters, by `client_id`. */
  introspection?: (env: Env) => Readonly<Record<string, string>>;
  /**
   * The name of a header, such as "x-csrf", that every request by cookie except document navigation must carry, with
   * any value. For sites that allow CORS: pages of other sites cannot send it without a preflight.
   */
  requireHeader?: string;
  /**
   * Called on each attempt: returns the seconds that the sender must wait, or 0. Ready-made: `memoryLimits`,
   * `bindingLimits`, and `durableLimits` of `tandem-jwt/cloudflare`. If the call fails, the attempt passes and the
   * event `unavailable` reports the failure.
   */
  rateLimit?: (attempt: Attempt, env: Env) => number | Promise<number>;
  /**
   * More request headers that claim an identity, to be removed from client requests in addition to the built-in list.
   */
  identityHeaders?: readonly string[];
  on?: EventHandlers<Env>;
  /** Whole seconds since 1970, for tests. */
  now?: (env: Env) => number;
}
