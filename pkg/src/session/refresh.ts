// A refresh: signature, record, the application's claims, one atomic step.

import {
  answer,
  dpopRefusal,
  notNow,
  notOurs,
  type Outcome,
  outcomeOf,
  refused,
  reportReserved,
  shownOf,
  storeFailed,
  viewOf,
} from "./answer.js";
import { claimsText } from "./claims.js";
import { judge, useUp } from "./dpop.js";
import { SessionError } from "./errors.js";
import { attempt, machine } from "./machine.js";
import { requireKnownOptions } from "./options.js";
import { endReplaced } from "./replace.js";
import { runStep } from "./run-step.js";
import type { Settings } from "./settings.js";
import type { SessionKey } from "./store.js";
import { available, transact } from "./transact.js";
import type { RefreshRequest, Refusal, TokenPair, Transport } from "./types.js";

/** Takes a refresh token and gives its successor. */
export async function refresh(
  settings: Settings,
  token: unknown,
  request: RefreshRequest = {},
): Promise<TokenPair | Refusal> {
  requireKnownOptions("refresh", request);
  const transport = checkedTransport(request?.transport);
  const scope: unknown = request?.scope;
  if (typeof token !== "string" || token === "") return refused("invalid_request");
  if (scope !== undefined && typeof scope !== "string") return refused("invalid_request");

  // A signature that is wrong never reaches the store.
  const whose = presentedBy(settings, token);
  if (whose.code !== undefined) return notOurs(settings, whose.code, token);
  const { sid, sub } = whose.value;

  const now = settings.now();
  const key = { iss: settings.issuer, sub, sid };
  const proof = judge(settings, request?.dpop);
  if (proof?.code !== undefined) return dpopRefusal(settings, proof.code, key);
  const presented = { now, transport, jkt: proof?.jkt, scope };
  const command: Commands = (more) => refreshCommand(settings, token, { ...presented, ...more });
  try {
    let fresh: FreshClaims | undefined;
    if (proof !== undefined || settings.claims !== undefined) {
      const foreseen = await foresee(settings, key, command);
      // Nothing will come of it and nothing has to be written: neither is the proof.
      if (proof !== undefined && foreseen.idle)
        return answer(settings, key, foreseen.bytes, { now, presented: token, scope }, foreseen.outcome);
      if (!(await useUp(settings, proof, key))) return dpopRefusal(settings, "ERR_DPOP_REPLAYED", key);
      const asked = foreseen.outcome.access ? await freshClaims(settings, key, foreseen.record) : undefined;
      if (asked === "failed") return notNow();
      fresh = asked;
    }
    return await present(settings, key, (more) => command({ claims: fresh, ...more }), {
      now,
      presented: token,
      scope,
    });
  } catch (thrown) {
    return storeFailed(settings, thrown, { sid, sub });
  }
}

type FreshClaims = { text: string; version: number };

/** The command for a refresh token, with claims and with whether the session that it replaces has ended. */
export type Commands = (more?: { claims?: FreshClaims | undefined; replaced?: boolean }) => Uint8Array;

/** What would come of a refresh token, by the record as it is now. */
export async function foresee(
  { store }: Settings,
  key: SessionKey,
  command: Commands,
): Promise<{ record: Uint8Array | null; bytes: Uint8Array; outcome: Outcome; idle: boolean }> {
  const loaded = await available(() => store.load(key));
  const record = loaded?.record ?? null;
  const step = runStep(record, loaded?.epoch ?? 0, command({ replaced: true }), loaded?.now);
  const outcome = outcomeOf(step.outcome);
  return { record, bytes: step.outcome, outcome, idle: !outcome.access && step.record === undefined };
}

/** Presents a refresh token to the record of its session, and gives what comes of it. */
export async function present(
  settings: Settings,
  key: SessionKey,
  command: Commands,
  request: { now: number; presented: string; scope?: string | undefined },
): Promise<TokenPair | Refusal> {
  const bytes = await transact(settings.store, key, command());
  const outcome = outcomeOf(bytes);
  if (outcome.verdict !== "replaces") return answer(settings, key, bytes, request, outcome);
  return (
    (await endReplaced(settings, key, outcome.other!)) ??
    answer(settings, key, await transact(settings.store, key, command({ replaced: true })), request)
  );
}

/** Whose refresh token this is, its signature being right. */
export function presentedBy(
  settings: Settings,
  token: string,
): { value: { sid: string; sub: string; gen: number }; code?: never } | { code: string } {
  const { refreshKeys, issuer, now } = settings;
  const read = attempt((core) => core.session_read_refresh(refreshKeys, issuer, token, now()));
  return read.code === undefined
    ? { value: JSON.parse(read.value) as { sid: string; sub: string; gen: number } }
    : read;
}

export function refreshCommand(
  { refreshKeys, policy, issuer }: Settings,
  token: string,
  {
    now,
    transport,
    jkt,
    scope,
    claims,
    replaced = false,
  }: {
    now: number;
    transport: Transport;
    jkt: string | undefined;
    scope?: string | undefined;
    claims?: FreshClaims | undefined;
    replaced?: boolean;
  },
): Uint8Array {
  const byCookie = transport === "cookie";
  return machine((core) =>
    core.session_refresh_command(
      refreshKeys,
      policy,
      issuer,
      token,
      now,
      byCookie,
      jkt,
      scope,
      claims?.text,
      claims?.version ?? 0,
      replaced,
    ),
  );
}

/** A transport, "bearer" unless said otherwise. */
export function checkedTransport(transport: unknown): Transport {
  if (transport === undefined || transport === "bearer") return "bearer";
  if (transport === "cookie") return "cookie";
  throw new SessionError("ERR_SESSION_REQUEST", 'transport must be "cookie" or "bearer"');
}

/**
 * Asks the application, where the step will give tokens: what betrays a thief must not wait for a callback that is down.
 * The answer is bound to the version of the record, so that it never overwrites a later one.
 */
async function freshClaims(
  settings: Settings,
  { sid, sub }: SessionKey,
  record: Uint8Array | null,
): Promise<FreshClaims | undefined | "failed"> {
  if (settings.claims === undefined || record === null) return undefined;
  // The session as it was before this step, under the version that the record has now.
  const before = shownOf(record);
  try {
    const { text, reserved } = claimsText(await settings.claims(viewOf(before)));
    reportReserved(settings, reserved, { sid, sub });
    return { text, version: before.version };
  } catch (cause) {
    settings.emit({ type: "claims_failed", cause, sid, sub });
    return "failed";
  }
}
