// A refresh: signature, record, the application's claims, one atomic step.

import {
  answer,
  dpopRefusal,
  notNow,
  outcomeOf,
  refused,
  reportReserved,
  shownOf,
  storeFailed,
  unknownKid,
  viewOf,
} from "./answer.js";
import { claimsText } from "./claims.js";
import { prove } from "./dpop.js";
import { SessionError } from "./errors.js";
import { requireKnownOptions } from "./known-options.js";
import { attempt, machine } from "./machine.js";
import { runStep } from "./run-step.js";
import type { Settings } from "./settings.js";
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
  if (whose.code !== undefined) return unknownKid(settings, whose.code);
  const { sid, sub } = whose.value;

  const now = settings.now();
  const key = { iss: settings.issuer, sub, sid };
  try {
    const proved = await prove(settings, request?.dpop, key);
    if (proved.code !== undefined) return dpopRefusal(settings, proved.code, key);
    const command = (claims?: { text: string; version: number }) =>
      refreshCommand(settings, token, { now, transport, jkt: proved.jkt, scope, claims });
    const fresh = settings.claims === undefined ? undefined : await freshClaims(settings, key, command());
    if (fresh === "failed") return notNow();
    const outcome = await transact(settings.store, key, command(fresh));
    return answer(settings, key, outcome, { now, presented: token, scope });
  } catch (thrown) {
    return storeFailed(settings, thrown, { sid, sub });
  }
}

/** Whose refresh token this is, its signature being right. */
export function presentedBy(
  settings: Settings,
  token: string,
): { value: { sid: string; sub: string }; code?: never } | { code: string } {
  const read = attempt((core) => core.session_read_refresh(settings.refreshKeys, settings.issuer, token));
  return read.code === undefined ? { value: JSON.parse(read.value) as { sid: string; sub: string } } : read;
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
  }: {
    now: number;
    transport: Transport;
    jkt: string | undefined;
    scope?: string | undefined;
    claims?: { text: string; version: number } | undefined;
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
 * Asks the application, unless the step would refuse anyway: what betrays a thief must not wait for a callback that is
 * down. The answer is bound to the version of the record, so that it never overwrites a later one.
 */
async function freshClaims(
  settings: Settings,
  key: { iss: string; sid: string; sub: string },
  command: Uint8Array,
): Promise<{ text: string; version: number } | undefined | "failed"> {
  const loaded = await available(() => settings.store.load(key));
  if (loaded === null) return undefined;
  const { access } = outcomeOf(runStep(loaded.record, loaded.epoch, command, loaded.now).outcome);
  if (!access) return undefined;
  const whose = { sid: key.sid, sub: key.sub };
  // The session as it was before this step, under the version that the record has now.
  const before = shownOf(loaded.record);
  try {
    const { text, reserved } = claimsText(await settings.claims!(viewOf(before)));
    reportReserved(settings, reserved, whose);
    return { text, version: before.version };
  } catch (cause) {
    settings.emit({ type: "claims_failed", cause, ...whose });
    return "failed";
  }
}
