// tandem-jwt/client: a session in a browser, by cookie or bearer token.

export {
  type BearerSession,
  type BearerSessionOptions,
  bearerSession,
  type ProofSender,
} from "./bearer-session.js";
export { type BrowserSession, type BrowserSessionOptions, browserSession } from "./browser-session.js";
export { memoryTokens, type TokenStore, type Tokens } from "./tokens.js";
export {
  type ClientClaims,
  ClientError,
  type ClientEvents,
  type ClientOptions,
  type ClientSession,
  type SessionSnapshot,
} from "./types.js";
