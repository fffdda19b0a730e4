// From the outcome of a command to what the caller gets and what the application hears.

import { decodeBase64 } from "../core/base64.js";
import { TextDecoder } from "../core/text.js";
import { proofRefused } from "./dpop.js";
import { SessionError, type SessionErrorCode } from "./errors.js";
import { attempt, machineText } from "./machine.js";
import { refreshCookie } from "./refresh-cookie.js";
import type { Settings } from "./settings.js";
import type { AccessClaims, Claims, Refusal, SessionEvent, SessionView, TokenPair } from "./types.js";

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

/** What came of a command. */
export interface Outcome {
  verdict: Verdict;
  clockWentBack: boolean;
  claims: "not_asked" | "taken" | "outdated" | "too_large";
  /** Whether there are tokens of each kind. */
  access: boolean;
  refresh: boolean;
  session?: Shown;
  /** Another session that the answer is about. */
  other?: string;
}

type Verdict = keyof typeof EVENTS;

/** Asked for again so soon that a store can come back, or a key arrive, in the meantime. */
const RETRY_AFTER = 1;

// The one place where a verdict gets its words. What is refused has nothing on the wire but its error: no oracle.
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
  // Both are acted upon, and told to nobody.
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

/** Reads an outcome's bytes. */
export function outcomeOf(bytes: Uint8Array): Outcome {
  return JSON.parse(machineText((core) => core.session_outcome(bytes))) as Outcome;
}

/** A session as applications see it. */
export function viewOf(shown: Shown): SessionView {
  const { iss: _, status: __, version: ___, generation: ____, replaces: _____, meta, ...view } = shown;
  return meta.device === undefined ? view : { ...view, device: meta.device };
}

/** A record as applications see it, and what else the machine shows. */
export function shownOf(record: Uint8Array): Shown {
  return JSON.parse(machineText((core) => core.session_view(record))) as Shown;
}

/**
 * The tokens of an outcome, or its refusal; the application hears of it. `now` is the raw clock before the store was
 * asked, and `presented` the refresh token that came, which is the one to keep where there is no successor.
 */
export function answer(
  settings: Settings,
  whose: { sid: string; sub: string },
  bytes: Uint8Array,
  { now, presented, scope }: { now: number; presented?: string; scope?: string | undefined },
  outcome: Outcome = outcomeOf(bytes),
): TokenPair | Refusal {
  const { verdict, session } = outcome;
  const { sid, sub } = whose;
  const type = EVENTS[verdict];
  if (outcome.clockWentBack) settings.emit({ type: "clock_regression", sid, sub });
  if (outcome.claims === "too_large")
    settings.emit({ type: "claims_dropped", reason: "too_large", names: [], sid, sub });
  if (type === "revoked") settings.emit({ type, by: "token", sid, sub });
  else if (type === "reuse") settings.emit({ type, evidence: verdict === "reuse" ? "older" : "late-parent", sid, sub });
  else settings.emit({ type, sid, sub });

  const kind = OUTCOMES[verdict];
  if (kind === undefined || !outcome.access || session === undefined) return refusalOf(verdict);
  let refresh = presented;
  if (outcome.refresh) {
    const made = attempt((core) => core.session_refresh_token(settings.refreshKeys, bytes));
    // Another server made this successor, with a key that may yet arrive here.
    if (made.code !== undefined) return notOurs(settings, made.code);
    refresh = made.value;
  }
  const access = machineText((core) =>
    core.session_access_token(
      settings.accessKeys,
      settings.policy,
      bytes,
      settings.audienceText,
      settings.clientId,
      scope,
      now,
    ),
  );
  const claims = payloadOf(access);
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
    access,
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

/** "Not now": nothing was lost, and the token is to be kept. */
export function notNow(): Refusal {
  return { ok: false, error: "temporarily_unavailable", status: 503, retryable: true, retryAfter: RETRY_AFTER };
}

/** A final refusal. */
export function refused(error: "invalid_request" | "invalid_grant" | "invalid_scope"): Refusal {
  return { ok: false, error, status: 400, retryable: false };
}

/** A proof was not good: the token is to be kept, and sent with another proof. */
export function dpopRefusal(
  settings: Settings,
  reason: SessionErrorCode,
  { sid, sub }: { sid: string; sub: string },
): Refusal {
  return { ok: false, status: 400, retryable: true, ...proofRefused(settings, reason, { sid, sub }) };
}

/** The store or something else did not answer. What is a mistake of the program is thrown on. */
export function storeFailed(settings: Settings, thrown: unknown, whose: { sid: string; sub: string }): Refusal {
  if (!(thrown instanceof SessionError) || thrown.code !== "ERR_STORE_UNAVAILABLE") throw thrown;
  settings.emit({ type: "store_failed", cause: thrown.cause ?? thrown, ...whose });
  return notNow();
}

/**
 * A refresh token that does not verify here. A key that this server does not have may be one that has not reached it
 * yet, so nothing is final until it is retired, or the token's own time is over.
 */
export function notOurs(settings: Settings, code: string, token?: string): Refusal {
  const kid = token === undefined ? undefined : kidOf(token);
  const named = kid === undefined ? {} : { kid };
  if (code === "ERR_KID_RETIRED") settings.emit({ type: "retired_kid", ...named });
  if (code !== "ERR_KID_UNKNOWN") return refused("invalid_grant");
  settings.emit({ type: "unknown_kid", ...named });
  return notNow();
}

/** What a token says of its key, in so many characters as any of ours has: anyone may have written it. */
function kidOf(token: string): string | undefined {
  try {
    const { kid } = JSON.parse(decoder.decode(decodeBase64(token.slice(0, token.indexOf("."))))) as { kid?: unknown };
    return typeof kid === "string" ? kid.slice(0, LONGEST_KID) : undefined;
  } catch {
    return undefined;
  }
}

const LONGEST_KID = 73;

/** Says which claims were left out. */
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

const decoder = new TextDecoder();

function payloadOf(token: string): AccessClaims {
  const payload = decodeBase64(token.slice(token.indexOf(".") + 1, token.lastIndexOf(".")));
  return JSON.parse(decoder.decode(payload)) as AccessClaims & Claims;
}
