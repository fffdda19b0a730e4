import type { JwtPayload } from "../jwt/types.js";
import type { Claims, SessionEvent, SessionOptions, SessionView, Transport } from "../session/index.js";
import type { SessionStore } from "../session/store.js";
import type { CookieMode } from "./cookies.js";
import type { Attempt } from "./limits.js";
import type { Routes } from "./routes.js";

/** The policy of rotation: life times, grace, recovery. Left out, each has the default of `createSessions`. */
export type SessionPolicy = Pick<
  SessionOptions,
  "accessTtl" | "refreshIdle" | "absolute" | "grace" | "recovery" | "handOuts" | "jitter" | "profile" | "dpop"
>;

/** Who signed in, as the application found out. */
export interface SignIn {
  sub: string;
  /** Go into every access token of the session. At most 2 KB of JSON. */
  claims?: Claims;
  scope?: string;
  /** How sure the sign-in was (RFC 9068 §2.2.1). */
  acr?: string;
  /** A name for the list of sessions, such as "Firefox on Linux". */
  device?: string;
  /**
   * `bearer` gives the tokens to the client, in JSON (RFC 6749 §5.1), and sets no cookie: for clients that are no
   * pages. Default `cookie`.
   */
  transport?: Transport;
}

/** Something that the operator of the edge should hear of. Holds no token, no key and no cookie. */
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
        /** The keys of another system, or the memory of its proofs (`tokensOf` of a route). */
        | "issuer";
      readonly cause?: unknown;
    }
  /** `authenticate` threw, or what it answered cannot become a session: a mistake of the application. */
  | { readonly type: "sign_in_rejected"; readonly cause: unknown }
  /** A token of another system was refused: by the code of an error, or with its claims if it verified. */
  | { readonly type: "token_refused"; readonly reason: string; readonly cause?: unknown; readonly claims?: JwtPayload }
  | { readonly type: "cookie_too_large"; readonly cookie: "access" | "refresh" | "session"; readonly sub: string };

export type AnyEvent = SessionEvent | EdgeEvent;

/** One handler for each type of event: `on: { reuse: alert }`. What a handler throws is dropped. */
export type EventHandlers<Env> = {
  readonly [Type in AnyEvent["type"]]?: (event: Extract<AnyEvent, { type: Type }>, env: Env) => void;
};

/** Where the endpoints are. docs/edge.md says what each takes and answers. */
export interface Paths {
  /** Default `/auth/login`. */
  login: string;
  /** Default `/auth/refresh`. */
  refresh: string;
  /** Default `/auth/logout`. */
  logout: string;
  /** What script may know of its session. Default `/auth/session`. */
  session: string;
  /** The sessions of a user: list, end one, end the others. Default `/auth/sessions`. */
  sessions: string;
  /** RFC 6749 §6. Default `/auth/token`. */
  token: string;
  /** RFC 7009. Default `/auth/revoke`. */
  revoke: string;
  /** RFC 7662; there only with the option `introspection`. Default `/auth/introspect`. */
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
  /** Current key first. Keep them in secrets; the origins need the access key only. */
  keys: (env: Env) => SessionOptions["keys"];
  /**
   * The application's own sign-in, asked at `POST /auth/login`: who is this, or null for nobody. A `Response` is given
   * to the client as it is (a second factor is needed, too many tries).
   */
  authenticate: (request: Request, env: Env) => SignIn | Response | null | Promise<SignIn | Response | null>;
  /** Read again at every refresh, so that a role taken away is gone within one access life. */
  claims?: (session: SessionView, env: Env) => Claims | Promise<Claims>;
  routes: Routes | ((env: Env) => Routes);
  /**
   * Default `host`. `dev` serves http on localhost, 127.0.0.1 and [::1], for browsers that keep no Secure cookie there.
   */
  cookies?: CookieMode | ((env: Env) => CookieMode);
  /** Default `lax`. With `strict` a link from elsewhere arrives signed out. */
  sameSite?: "lax" | "strict";
  /**
   * Encrypts the tokens in the cookies (AES-256-GCM, under keys derived from the refresh keys), so that what a browser
   * keeps on its disk is no token. A third longer, so that an access token of 2.8 KB is the longest. Default false.
   */
  seal?: boolean;
  /** Claims that the readable `session` cookie shows beside `exp` and `iat`. */
  companion?: readonly string[];
  policy?: SessionPolicy | ((env: Env) => SessionPolicy);
  /**
   * The public origin, such as "https://app.example", or a list where one deployment answers to several. A request to
   * another address than those of a list is refused; one origin alone stands whatever the request says. Default: the
   * request's own, which is right where the platform vouches for it, as Workers do, and on loopback.
   */
  origin?: string | readonly string[];
  /** Default: the public origin. */
  issuer?: string;
  /** Default: the public origin. */
  audience?: string | string[];
  /** Default: the public origin. */
  clientId?: string;
  /** The path of the sign-in page, where documents are sent that need a session. Left out, they get the 401 too. */
  signIn?: string;
  /** Where the endpoints are; null turns one off. */
  paths?: { readonly [Endpoint in keyof Paths]?: Paths[Endpoint] | null };
  /** The clients that may ask about tokens (RFC 7662): their secrets, of 16 characters at least, by `client_id`. */
  introspection?: (env: Env) => Readonly<Record<string, string>>;
  /**
   * The name of a header, such as "x-csrf", that every request by cookie but documents must carry, with any value: for
   * sites that answer to CORS, since pages of others cannot send it without asking first.
   */
  requireHeader?: string;
  /**
   * Asked at each try: seconds that its sender has to wait, or 0. `memoryLimits`, `bindingLimits`, and `durableLimits`
   * of `tandem-jwt/cloudflare` are ready ones. If it fails, the try goes on, and the event `unavailable` says so.
   */
  rateLimit?: (attempt: Attempt, env: Env) => number | Promise<number>;
  /** Request headers that say who someone is: taken off what clients send, beside those known for it. */
  identityHeaders?: readonly string[];
  on?: EventHandlers<Env>;
  /** Whole seconds since 1970, for tests. */
  now?: (env: Env) => number;
}
