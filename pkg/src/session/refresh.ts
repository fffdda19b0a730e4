// A refresh: signature, record, the application's claims, one atomic step. A plain one takes three calls into the
// machine: `begin`, the step, and `finish` in answer.ts.

import {
  answerOutcome,
  dpopRefusal,
  finish,
  notNow,
  notOurs,
  type Outcome,
  refused,
  reportReserved,
  type Shown,
  storeFailed,
  viewOf,
} from "./answer.js";
import { claimsText } from "./claims.js";
import { judge, useUp } from "./dpop.js";
import { SessionError } from "./errors.js";
import { epochFields, machine, refusal, textOf } from "./machine.js";
import { encoded } from "./message.js";
import { requireKnownOptions } from "./options.js";
import { endReplaced } from "./replace.js";
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
  // Longer than a record, so no session can have been granted it.
  if (scope !== undefined && scope.length > LONGEST_SCOPE) return refused("invalid_scope");

  // A token with a wrong signature never reaches the store.
  const now = settings.now();
  const begun = beginRefresh(settings, token, { now, transport, scope });
  if (begun.code !== undefined) return notOurs(settings, begun.code, token);
  const { key } = begun;
  let { command } = begun;
  const proof = await judge(settings, request?.dpop);
  if (proof?.code !== undefined) return dpopRefusal(settings, proof.code, key);
  // The proved key is part of the command, so that the step compares it with the record's in the same atomic
  // operation.
  if (proof !== undefined) command = amend(command, { jkt: proof.jkt });
  const asked = { now, presented: token, scope };
  try {
    if (proof !== undefined || settings.claims !== undefined) {
      const foreseen = await foresee(settings, key, command);
      // The request gives nothing and writes nothing, so its proof is not used up either.
      if (proof !== undefined && foreseen.idle) return await answerOutcome(settings, key, foreseen, asked);
      // Before anything is written: a replayed proof must not even rotate the session.
      if (!(await useUp(settings, proof, key))) return dpopRefusal(settings, "ERR_DPOP_REPLAYED", key);
      const claims = foreseen.access ? await freshClaims(settings, key, foreseen.before) : undefined;
      if (claims === "failed") return notNow();
      if (claims !== undefined) command = amend(command, claims);
    }
    return await present(settings, key, command, asked);
  } catch (thrown) {
    return storeFailed(settings, thrown, key);
  }
}

/** A refresh token whose signature is right: whose it is, and the command that presents it. */
export type Begun = { key: SessionKey; command: Uint8Array; code?: never } | { code: string };

/** Reads a refresh token, and makes the command that presents it to the record of its session. */
export function beginRefresh(
  { machine, issuer }: Settings,
  token: string,
  { now, transport, scope }: { now: number; transport: Transport; scope?: string | undefined },
): Begun {
  if (token.length > LONGEST_TOKEN) return { code: "ERR_JWT_TOO_LARGE" };
  const message = encoded({ token, now, cookie: transport === "cookie", scope });
  const reply = machine.reply((core, number) => core.session_begin(number, message));
  if (reply.isRefused) {
    const code = textOf(reply.value);
    // A bad token is the client's fault and is answered; a missing key is the program's, and throws.
    if (code === "ERR_KEY_INVALID" || code === "ERR_RANDOM_UNAVAILABLE") throw refusal(code);
    return { code };
  }
  // The reply: the length of a JSON text in 2 bytes, that text, and the command, which stays opaque here.
  const end = 2 + new DataView(reply.value.buffer, reply.value.byteOffset).getUint16(0);
  const { sub, sid } = JSON.parse(textOf(reply.value.subarray(2, end))) as { sub: string; sid: string };
  return { key: { iss: issuer, sub, sid }, command: reply.value.subarray(end) };
}

/** The longest refresh token, in characters: none of ours comes near, so a longer one is not even copied. */
const LONGEST_TOKEN = 16 << 10;

/** The longest scope that may be asked for, in characters: a record is no longer, so nothing longer was granted. */
const LONGEST_SCOPE = 4 << 10;

interface FreshClaims {
  readonly claims: string;
  readonly version: number;
}

/**
 * Amends a command: with a key that was proved, with claims, or with the fact that the session it replaces has ended.
 */
export function amend(
  command: Uint8Array,
  more: Partial<FreshClaims> & { readonly jkt?: string; readonly replaced?: boolean },
): Uint8Array {
  const message = encoded({ command, ...more });
  return machine((core) => core.session_amend(message));
}

/** The outcome that a command would have on the record as it is now. */
export interface Foreseen extends Outcome {
  /** Whether it gives nothing and writes nothing. */
  readonly idle: boolean;
  /** The session as it is now, if there is one that can be read. */
  readonly before?: Shown;
}

/** The outcome that a command would have if the session that it replaces had ended already. */
export async function foresee({ store }: Settings, key: SessionKey, command: Uint8Array): Promise<Foreseen> {
  const loaded = await available(() => store.load(key));
  const record = loaded?.record ?? undefined;
  const message = encoded({ record, ...epochFields(loaded?.epoch ?? 0), command, clock: loaded?.now });
  return JSON.parse(textOf(machine((core) => core.session_foresee(message)))) as Foreseen;
}

/** Presents a refresh token to the record of its session, and gives what comes of it. */
export async function present(
  settings: Settings,
  key: SessionKey,
  command: Uint8Array,
  request: { now: number; presented: string; scope?: string | undefined },
): Promise<TokenPair | Refusal> {
  // Whatever can fail about the key that signs fails before anything is written.
  await settings.pairs[0]?.ready();
  const carriedOut = async (command: Uint8Array) =>
    finish(settings, await transact(settings.store, key, command), request);
  let outcome = await carriedOut(command);
  // The first use of a raised session. Its old session ends in a record of its own, so this takes two operations.
  if (outcome.verdict === "replaces") {
    const refusal = await endReplaced(settings, key, outcome.other!);
    if (refusal !== undefined) return refusal;
    outcome = await carriedOut(amend(command, { replaced: true }));
  }
  return answerOutcome(settings, key, outcome, request);
}

/** The session that a refresh token belongs to, once its signature was verified. */
export function presentedBy(
  { machine, issuer, now }: Settings,
  token: string,
): { key: SessionKey; generation: number; code?: never } | { code: string } {
  if (token.length > LONGEST_TOKEN) return { code: "ERR_JWT_TOO_LARGE" };
  const message = encoded({ token, now: now() });
  const read = machine.attempt((core, number) => core.session_read_refresh(number, message));
  if (read.code !== undefined) return read;
  const { sub, sid, generation } = JSON.parse(read.value) as { sub: string; sid: string; generation: number };
  return { key: { iss: issuer, sub, sid }, generation };
}

/** A transport, "bearer" unless said otherwise. */
export function checkedTransport(transport: unknown): Transport {
  if (transport === undefined || transport === "bearer") return "bearer";
  if (transport === "cookie") return "cookie";
  throw new SessionError("ERR_SESSION_REQUEST", 'transport must be "cookie" or "bearer"');
}

/**
 * Asks the application for claims, but only where the step will give tokens: catching a thief must not wait for a
 * callback that is down. The answer is bound to the version of the record, so that it never overwrites a later one.
 */
async function freshClaims(
  settings: Settings,
  { sid, sub }: SessionKey,
  before: Shown | undefined,
): Promise<FreshClaims | undefined | "failed"> {
  if (settings.claims === undefined || before === undefined) return undefined;
  try {
    const { text, reserved } = claimsText(await settings.claims(viewOf(before)));
    reportReserved(settings, reserved, { sid, sub });
    // If another refresh writes in between, the step drops these claims and keeps those of that refresh.
    return { claims: text, version: before.version };
  } catch (cause) {
    settings.emit({ type: "claims_failed", cause, sid, sub });
    return "failed";
  }
}
