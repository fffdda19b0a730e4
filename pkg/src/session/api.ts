// The exports that every entry of sessions has beside `createSessions`.

export type { SchemaIssue, SchemaOutput, StandardSchema } from "../jwt/schema.js";
export type { Jwk } from "../jwt/types.js";
export { SessionError, type SessionErrorCode } from "./errors.js";
export { newerRefresh } from "./newer-refresh.js";
export { REFRESH_COOKIE } from "./refresh-cookie.js";
export { runStep, type StepResult } from "./run-step.js";
export type {
  Epoch,
  Loaded,
  Page,
  RecordIndex,
  SessionKey,
  SessionStore,
  Subject,
  SubjectEpoch,
} from "./store.js";
export { nextEpoch } from "./store.js";
export type {
  AccessClaims,
  AccessKeyInput,
  Claims,
  DpopOptions,
  DpopRequest,
  Introspection,
  IssueRequest,
  KeyPairInput,
  RefreshIntrospection,
  RefreshRequest,
  Refusal,
  SecretInput,
  SessionEvent,
  SessionOptions,
  Sessions,
  SessionView,
  Span,
  StepUpRequest,
  TokenPair,
  Transport,
  Verification,
  VerifyRequest,
} from "./types.js";
