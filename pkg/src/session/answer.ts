// Turns the outcome of a command into the answer for the caller and the event for the application.

import { decodeBase64 } from "../core/base64.js";
import { proofRefused } from "./dpop.js";
import { SessionError, type SessionErrorCode } from "./errors.js";
import { machine, textOf } from "./machine.js";
import { encoded } from "./message.js";
import { refreshCookie } from "./refresh-cookie.js";
import type { Settings } from "./settings.js";
import type { AccessClaims, Refusal, SessionEvent, SessionView, TokenPair } from "./types.js";

/** The session as the machine shows it. */
export interface Shown extends Omit<SessionView, "device"> {
  iss: string;
  status: "active" | "superseded" | "revoked";
  meta: { device?: string };
  /** Of the current refresh token: 0 until the session is first refreshed. */
  generation: number;
  /** The session whose place it takes as soon as it is used. */
  replaces?: string;
  /** Counts the writes. */
  version: number;
}

/** The outcome of a command. */
export interface Outcome {
  verdict: Verdict;
  clockWentBack: boolean;
  claims: "not_asked" | "taken" | "outdated" | "too_large";
  /** Whether the outcome gives tokens of each kind. */
  access: boolean;
  refresh: boolean;
  session?: Shown;
  /** Another session that the answer is about. */
  other?: string;
  /** Set where the machine was asked for tokens, and the outcome gives any. */
  tokens?: Tokens;
}

/** The tokens of an outcome, or the code that says why there are none after all. */
type Tokens =
  | { problem: string }
  | {
      problem?: never;
      refresh?: string;
      /** A whole token, or the signing input of one that a key pair has to sign. */
      access: string;
      isSigned: boolean;
      claims: AccessClaims;
    };

type Verdict = keyof typeof EVENTS;

/** In seconds: a store may be back by then, or a key deployed. */
const RETRY_AFTER = 1;

// The event of each verdict. Only the application hears it: on the wire a refusal is an error code alone, so that it is
// no oracle.
const EVENTS = {
  issued: "issued",
  rotated: "rotated",
  grace: "grace",
  repeated: "grace",
  recovered: "recovered",
  debounced: "debounced",
  hand_outs_used: "hand_outs_used",
  retry: "superseded",
  binding_mismatch: "binding_mismatch",
  scope_exceeded: "scope_exceeded",
  expired: "expired",
  superseded: "superseded",
  revoked: "revoked",
  stale: "revoked",
  reuse: "reuse",
  late_parent: "reuse",
  regression: "regression",
  missing: "regression",
  unreadable: "record_unreadable",
  done: "revoked",
  // The caller acts on these two, so the application hears of neither.
  replaces: "superseded",
  already_raised: "superseded",
} as const;

const OUTCOMES: { readonly [V in Verdict]?: TokenPair["outcome"] } = {
  issued: "issued",
  rotated: "rotated",
  grace: "grace",
  repeated: "grace",
  recovered: "recovered",
  debounced: "debounced",
  hand_outs_used: "debounced",
};

const RETRYABLE: ReadonlySet<Verdict> = new Set<Verdict>(["retry", "unreadable", "replaces", "already_raised"]);

/** The outcome of a command that gives no tokens. */
export function outcomeOf(bytes: Uint8Array): Outcome {
  return JSON.parse(textOf(machine((core) => core.session_outcome(bytes)))) as Outcome;
}

/** The outcome of a command, with the tokens if it gives any. `now` is the raw clock before the store was asked. */
export function finish(
  settings: Settings,
  outcome: Uint8Array,
  { now, scope }: { now: number; scope?: string | undefined },
): Outcome {
  const message = encoded({ outcome, now, scope });
  return JSON.parse(settings.machine.text((core, number) => core.session_finish(number, message))) as Outcome;
}

/** A session as applications see it. */
export function viewOf(shown: Shown): SessionView {
  const { iss: _, status: __, version: ___, generation: ____, replaces: _____, meta, ...view } = shown;
  return meta.device === undefined ? view : { ...view, device: meta.device };
}

/** A record as applications see it, and what else the machine shows. */
export function shownOf(record: Uint8Array): Shown {
  return JSON.parse(textOf(machine((core) => core.session_view(record)))) as Shown;
}

/**
 * The tokens of an outcome, or its refusal; the application hears of it. `presented` is the refresh token that the
 * client sent, which it keeps where there is no successor.
 */
export async function answerOutcome(
  settings: Settings,
  { sid, sub }: { sid: string; sub: string },
  outcome: Outcome,
  { now, presented }: { now: number; presented?: string },
): Promise<TokenPair | Refusal> {
  report(settings, outcome, { sid, sub });
  const { verdict, session, tokens } = outcome;
  const kind = OUTCOMES[verdict];
  if (kind === undefined || session === undefined || tokens === undefined) return refusalOf(verdict);
  // Another server made this successor, with a key that may yet arrive here.
  if (tokens.problem !== undefined) return notOurs(settings, tokens.problem);
  const { claims, refresh = presented } = tokens;
  // Only a retry or a debounced request goes without a successor, and both presented a token.
  if (refresh === undefined) return refused("invalid_grant");
  const refreshChanged = refresh !== presented;
  const refreshExpiresIn = session.expiresAt - now;
  const byCookie = session.transport === "cookie" && refreshChanged;
  return {
    ok: true,
    outcome: kind,
    sid,
    sub,
    access: tokens.isSigned ? tokens.access : await signed(settings, tokens.access),
    refresh,
    refreshChanged,
    setCookies: byCookie ? [refreshCookie(refresh, refreshExpiresIn)] : [],
    tokenType: claims.cnf === undefined ? "Bearer" : "DPoP",
    expiresIn: claims.exp - claims.iat,
    claims,
    ...(claims.scope === undefined ? {} : { scope: claims.scope }),
    refreshExpiresIn,
    handedOutAt: now,
  };
}

/** The access token: its signing input, signed by the first key pair. */
function signed({ pairs }: Settings, input: string): Promise<string> {
  const [pair] = pairs;
  if (pair === undefined) throw new SessionError("ERR_KEY_INVALID", "no key pair signs access tokens");
  return pair.sign(input);
}

/** Tells the application of an outcome. */
function report(settings: Settings, outcome: Outcome, whose: { sid: string; sub: string }): void {
  const { verdict } = outcome;
  const type = EVENTS[verdict];
  if (outcome.clockWentBack) settings.emit({ type: "clock_regression", ...whose });
  if (outcome.claims === "too_large") {
    settings.emit({ type: "claims_dropped", reason: "too_large", names: [], ...whose });
  }
  if (type === "revoked") settings.emit({ type, by: "token", ...whose });
  else if (type === "reuse") settings.emit({ type, evidence: verdict === "reuse" ? "older" : "late-parent", ...whose });
  else settings.emit({ type, ...whose });
}

/** "Not now": nothing was lost, and the token is to be kept. */
export function notNow(): Refusal {
  return { ok: false, error: "temporarily_unavailable", status: 503, retryable: true, retryAfter: RETRY_AFTER };
}

/** A final refusal. */
export function refused(error: "invalid_request" | "invalid_grant" | "invalid_scope"): Refusal {
  return { ok: false, error, status: 400, retryable: false };
}

/** The refusal of a bad proof: the client keeps its token, and sends it again with another proof. */
export function dpopRefusal(
  settings: Settings,
  reason: SessionErrorCode,
  { sid, sub }: { sid: string; sub: string },
): Refusal {
  return { ok: false, status: 400, retryable: true, ...proofRefused(settings, reason, { sid, sub }) };
}

/** The refusal when the store did not answer. Any other error is a mistake of the program, and is rethrown. */
export function storeFailed(settings: Settings, thrown: unknown, whose: { sid: string; sub: string }): Refusal {
  if (!(thrown instanceof SessionError) || thrown.code !== "ERR_STORE_UNAVAILABLE") throw thrown;
  settings.emit({ type: "store_failed", cause: thrown.cause ?? thrown, ...whose });
  return notNow();
}

/**
 * The refusal of a refresh token that does not verify here. Its key may be one that has not reached this server yet, so
 * the refusal is final only once the key is retired or the token has expired.
 */
export function notOurs(settings: Settings, code: string, token?: string): Refusal {
  const kid = token === undefined ? undefined : kidOf(token);
  const named = kid === undefined ? {} : { kid };
  if (code === "ERR_KID_RETIRED") settings.emit({ type: "retired_kid", ...named });
  if (code !== "ERR_KID_UNKNOWN") return refused("invalid_grant");
  settings.emit({ type: "unknown_kid", ...named });
  return notNow();
}

/** The `kid` of a token, unverified, and cut to the longest that ours have: it may be anyone's text. */
function kidOf(token: string): string | undefined {
  try {
    const { kid } = JSON.parse(textOf(decodeBase64(token.slice(0, token.indexOf("."))))) as { kid?: unknown };
    return typeof kid === "string" ? kid.slice(0, LONGEST_KID) : undefined;
  } catch {
    return undefined;
  }
}

/** A name of 64 bytes, a dot and a fingerprint of 8: `MAX_REFRESH_KID` in src/session/keys/mod.rs. */
const LONGEST_KID = 73;

/** Reports the reserved claims that were left out. */
export function reportReserved(
  settings: Settings,
  names: readonly string[],
  whose: { sid: string; sub: string },
): void {
  if (names.length === 0) return;
  const event: SessionEvent = { type: "claims_dropped", reason: "reserved", names, ...whose };
  settings.emit(event);
}

function refusalOf(verdict: Verdict): Refusal {
  if (RETRYABLE.has(verdict)) return notNow();
  return refused(verdict === "scope_exceeded" ? "invalid_scope" : "invalid_grant");
}
