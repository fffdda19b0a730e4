// The options of sessions, checked once, when the sessions are created. A mistake is reported by the option's name.

import { tell } from "../core/tell.js";
import { invalidOptions } from "./errors.js";
import { sessionKeysOf } from "./key-options.js";
import { Issuer, machine } from "./machine.js";
import { encoded } from "./message.js";
import { checkOptions, OPTIONS, requireKnownOptions, secondsOf } from "./options.js";
import { type AccessPair, needsPairs, type PairSeam } from "./pair-seam.js";
import type { SessionStore } from "./store.js";
import type { SecretInput, SessionEvent, SessionOptions } from "./types.js";

/** The settings that every operation works with. */
export interface Settings {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly store: SessionStore;
  /** The keys and the policy, as the machine holds them. */
  readonly machine: Issuer;
  /** The key pairs of access tokens, each at the place that it has among the access keys. */
  readonly pairs: readonly (AccessPair | undefined)[];
  /** Without it there are neither key pairs nor proofs. */
  readonly seam: PairSeam | undefined;
  /** Seconds that a proof is good, and that a nonce is the current one; 0: none are asked for. */
  readonly proofs: { readonly maxAge: number; readonly noncePeriod: number; readonly required: boolean };
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
export function settingsOf(options: SessionOptions, seam: PairSeam | undefined): Settings {
  if (typeof options !== "object" || options === null) throw invalidOptions("options must be an object");
  requireKnownOptions("createSessions", options);
  requireKnownOptions("keys", options.keys);
  checkOptions("createSessions", options);
  if (typeof options.keys === "object" && options.keys !== null) checkOptions("keys", options.keys);
  const { audience, keys, store, claims, on, now, maxSessions } = options;
  const { accessKeys, refreshKeys, pairs } = sessionKeysOf(keys, seam);
  const { policy, grace, accessTtl } = policyOf(options);
  const nowMs = () => Math.floor(now === undefined ? Date.now() : now() * 1000);
  return {
    issuer: options.issuer,
    audience: Array.isArray(audience) ? [...audience] : [audience],
    store: checkedStore(store),
    machine: new Issuer({
      iss: options.issuer,
      // JSON text, as it goes into access tokens.
      audience: JSON.stringify(audience),
      clientId: options.clientId,
      accessKeys,
      refreshKeys,
      policy,
    }),
    pairs,
    seam,
    grace,
    accessTtl,
    maxSessions,
    proofs: proofsOf(options.dpop, store, refreshKeys, seam),
    claims,
    emit: emitter(on),
    now: () => Math.floor(nowMs() / 1000),
    nowMs,
  };
}

/**
 * A machine for nonces alone, by the derivation that sessions use. Throws a `SessionError` for anything that is not a
 * secret.
 */
export function nonceIssuer(secrets: SecretInput | SecretInput[]): Issuer {
  const { accessKeys, refreshKeys } = sessionKeysOf({ access: secrets }, undefined);
  const { policy } = policyOf({});
  return new Issuer({ iss: "", audience: '""', clientId: "", accessKeys, refreshKeys, policy });
}

function checkedStore(store: SessionStore): SessionStore {
  const methods = ["create", "load", "compareAndSet", "bumpEpoch", "list"] as const;
  const missing = methods.find((method) => typeof store?.[method] !== "function");
  if (missing !== undefined) throw invalidOptions(`store must have a method ${missing}`);
  if (store.consistency === "linearizable") return store;
  throw invalidOptions(
    "store must be linearizable: an eventually consistent one returns old records, which make honest users look like thieves",
  );
}

function policyOf(options: Partial<SessionOptions>): { policy: Uint8Array; grace: number; accessTtl: number } {
  const defaults = OPTIONS.createSessions;
  const {
    profile = defaults.profile.default,
    handOuts = defaults.handOuts.default,
    jitter = defaults.jitter.default,
  } = options;
  const span = (name: "accessTtl" | "refreshIdle" | "absolute" | "grace") =>
    secondsOf(options[name] ?? defaults[name].default);
  const [accessTtl, absolute, grace] = [span("accessTtl"), span("absolute"), span("grace")];
  // Where `absolute` is short, the default idle time is cut to it.
  const idle = options.refreshIdle === undefined ? Math.min(span("refreshIdle"), absolute) : span("refreshIdle");
  const recovery = options.recovery === undefined ? (profile === "strict" ? 0 : idle) : secondsOf(options.recovery);
  if (profile === "strict" && recovery > 0) throw invalidOptions('recovery must be 0 in profile "strict"');
  const tenThousandths = Math.round(jitter * 10_000);
  const message = encoded({
    accessTtl,
    refreshIdle: idle,
    absolute,
    grace,
    recovery,
    handOuts,
    jitter: tenThousandths,
  });
  return { policy: machine((core) => core.session_policy(message)), grace, accessTtl };
}

function proofsOf(
  options: SessionOptions["dpop"],
  store: SessionStore,
  refreshKeys: Uint8Array,
  seam: PairSeam | undefined,
): Settings["proofs"] {
  if (options !== undefined) {
    requireKnownOptions("dpop", options);
    checkOptions("dpop", options);
    if (seam === undefined) throw needsPairs("createSessions: dpop: proofs");
    if (typeof store.firstUse !== "function") throw invalidOptions("store must have a method firstUse for dpop");
    if (options.nonces !== undefined && refreshKeys.length === 0)
      throw invalidOptions("dpop.nonces needs keys.refresh, from which nonces are derived");
  }
  const { maxAge = OPTIONS.dpop.maxAge.default, nonces, required = OPTIONS.dpop.required.default } = options ?? {};
  return { maxAge: secondsOf(maxAge), noncePeriod: nonces === undefined ? 0 : secondsOf(nonces), required };
}

function emitter(on: SessionOptions["on"]): Settings["emit"] {
  // Every refresh makes events, and most applications listen to none.
  return on === undefined ? () => undefined : (event) => tell(on, event);
}
