// The options of sessions, checked once: whatever is wrong is said when they are created, by the option's name.

import { milliseconds } from "../jwt/timespan.js";
import { SessionError } from "./errors.js";
import { keysOf } from "./key-options.js";
import { requireKnownOptions } from "./known-options.js";
import { machine } from "./machine.js";
import type { SessionStore } from "./store.js";
import { isText } from "./text.js";
import type { SessionEvent, SessionOptions, Span } from "./types.js";

/** What every operation works with. */
export interface Settings {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** As it goes into access tokens: JSON text. */
  readonly audienceText: string;
  readonly clientId: string;
  readonly store: SessionStore;
  /** Opaque bytes of the machine. They hold keys. */
  readonly accessKeys: Uint8Array;
  readonly refreshKeys: Uint8Array;
  readonly policy: Uint8Array;
  /** Seconds that a proof is good, and that a nonce is the current one; 0: none are asked for. */
  readonly proofs: { readonly maxAge: number; readonly stretch: number; readonly required: boolean };
  readonly claims: SessionOptions["claims"];
  readonly emit: (event: SessionEvent) => void;
  /** Seconds. */
  readonly now: () => number;
  readonly nowMs: () => number;
  /** Seconds. */
  readonly grace: number;
  readonly accessTtl: number;
  readonly maxSessions: number | undefined;
}

/** Throws a `SessionError` that names the option. */
export function settingsOf(options: SessionOptions): Settings {
  if (typeof options !== "object" || options === null) throw wrong("options must be an object");
  requireKnownOptions("createSessions", options);
  requireKnownOptions("keys", options.keys);
  const { audience, keys, store, claims, on, now, maxSessions } = options;
  const { accessKeys, refreshKeys } = keysOf(keys);
  if (claims !== undefined && typeof claims !== "function") throw wrong("claims must be a function");
  if (on !== undefined && typeof on !== "function") throw wrong("on must be a function");
  if (now !== undefined && typeof now !== "function") throw wrong("now must be a function");
  if (maxSessions !== undefined && !(Number.isInteger(maxSessions) && maxSessions >= 1))
    throw wrong("maxSessions must be a whole number from 1");
  const nowMs = () => Math.floor(now === undefined ? Date.now() : now() * 1000);
  return {
    issuer: text("issuer", options.issuer),
    audience: audiences(audience),
    audienceText: JSON.stringify(audience),
    clientId: text("clientId", options.clientId),
    store: checkedStore(store),
    ...policyOf(options),
    maxSessions,
    proofs: proofsOf(options.dpop, store, refreshKeys),
    accessKeys,
    refreshKeys,
    claims,
    emit: emitter(on),
    now: () => Math.floor(nowMs() / 1000),
    nowMs,
  };
}

function text(option: string, value: unknown): string {
  if (!isText(value)) throw wrong(`${option} must be a string that is not empty`);
  return value;
}

function audiences(audience: unknown): string[] {
  const list = Array.isArray(audience) ? audience : [audience];
  if (list.length === 0 || !list.every(isText)) throw wrong("audience must be a string or an array of strings");
  return [...list];
}

function checkedStore(store: SessionStore): SessionStore {
  const methods = ["create", "load", "compareAndSet", "bumpEpoch", "list"] as const;
  const missing = methods.find((method) => typeof store?.[method] !== "function");
  if (missing !== undefined) throw wrong(`store must have a method ${missing}`);
  if (store.consistency === "linearizable") return store;
  throw wrong(
    "store must be linearizable: one that is eventually consistent gives old records back, by which honest users look like thieves",
  );
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function policyOf(options: SessionOptions): Pick<Settings, "policy" | "grace" | "accessTtl"> {
  const { profile = "standard", handOuts = 10, jitter = 0.05 } = options;
  if (profile !== "standard" && profile !== "strict") throw wrong('profile must be "standard" or "strict"');
  if (!Number.isInteger(handOuts) || handOuts < 1) throw wrong("handOuts must be a whole number from 1");
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 0.05)) throw wrong("jitter must be from 0 to 0.05");
  const accessTtl = seconds("accessTtl", options.accessTtl, 15 * MINUTE);
  const absolute = seconds("absolute", options.absolute, 90 * DAY);
  const idle = seconds("refreshIdle", options.refreshIdle, Math.min(14 * DAY, absolute));
  const grace = seconds("grace", options.grace, 30);
  const recovery = seconds("recovery", options.recovery, profile === "strict" ? 0 : idle);
  if (profile === "strict" && recovery > 0) throw wrong('recovery must be 0 in profile "strict"');
  const tenThousandths = Math.round(jitter * 10_000);
  const policy = machine((core) =>
    core.session_policy(accessTtl, idle, absolute, grace, recovery, handOuts, tenThousandths),
  );
  return { policy, grace, accessTtl };
}

function proofsOf(options: SessionOptions["dpop"], store: SessionStore, refreshKeys: Uint8Array): Settings["proofs"] {
  if (options === undefined) return { maxAge: MINUTE, stretch: 0, required: false };
  if (typeof options !== "object" || options === null) throw wrong("dpop must be an object");
  requireKnownOptions("dpop", options);
  const { maxAge, nonces, required = false } = options;
  if (typeof required !== "boolean") throw wrong("dpop.required must be a boolean");
  if (typeof store.firstUse !== "function") throw wrong("store must have a method firstUse for dpop");
  if (nonces !== undefined && refreshKeys.length === 0)
    throw wrong("dpop.nonces are made from keys.refresh, which is missing");
  const upToAnHour = (option: string, span: Span | undefined, usual: number): number => {
    const length = seconds(option, span, usual);
    if (span === undefined || (length >= 1 && length <= HOUR)) return length;
    throw wrong(`${option} must be from 1 second to 1 hour`);
  };
  return { maxAge: upToAnHour("dpop.maxAge", maxAge, MINUTE), stretch: upToAnHour("dpop.nonces", nonces, 0), required };
}

function seconds(option: string, span: Span | undefined, usual: number): number {
  if (span === undefined) return usual;
  if (typeof span === "number" && Number.isSafeInteger(span) && span >= 0) return span;
  // A bare number in a string is milliseconds to some and seconds to others.
  const ms = typeof span === "string" && /[a-z]/i.test(span) ? milliseconds(span) : NaN;
  if (ms >= 0) return Math.floor(ms / 1000);
  throw wrong(`${option} must be whole seconds, or a time span with a unit such as "15m"`);
}

function emitter(on: SessionOptions["on"]): Settings["emit"] {
  return (event) => {
    try {
      on?.(event);
    } catch {
      // An alert that fails to go out must not sign anybody out.
    }
  };
}

function wrong(message: string): SessionError {
  return new SessionError("ERR_SESSION_OPTIONS", `createSessions: ${message}`);
}
