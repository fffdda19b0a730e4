// Introspection and revocation: for callers that do not hold the key a session is bound to.

import { notOurs, shownOf, viewOf } from "./answer.js";
import { SessionError } from "./errors.js";
import { isActive } from "./machine.js";
import { presentedBy } from "./refresh.js";
import { revokeByKey } from "./revoke.js";
import type { Settings } from "./settings.js";
import { isText } from "./text.js";
import { available } from "./transact.js";
import type { Introspection, RefreshIntrospection } from "./types.js";
import { readAccess } from "./verify.js";

/**
 * Whether an access token is good and its session active (RFC 7662). No proof is asked for: the server that the token
 * was sent to does that.
 */
export async function introspectAccess(settings: Settings, token: unknown): Promise<Introspection> {
  const read = await readAccess(settings, token);
  if (!read.ok || read.claims.exp <= settings.now()) return { active: false };
  const { sub, sid } = read.claims;
  const { store, issuer, machine, now } = settings;
  const loaded = await available(() => store.load({ iss: issuer, sub, sid }));
  if (loaded === null || !isActive(machine, loaded.record, loaded.epoch, loaded.now ?? now())) return { active: false };
  return { active: true, claims: read.claims };
}

/** Whether a refresh token is the current one of an active session. Nothing is used up by it. */
export async function introspectRefresh(settings: Settings, token: unknown): Promise<RefreshIntrospection> {
  if (typeof token !== "string" || token === "") return { active: false };
  const presented = presentedBy(settings, token);
  if (presented.code !== undefined) {
    if (!notOurs(settings, presented.code, token).retryable) return { active: false };
    throw new SessionError("ERR_KID_UNKNOWN", "the token's kid is not known here; its key may still be deployed");
  }
  const { key, generation } = presented;
  const { store, machine, now } = settings;
  const loaded = await available(() => store.load(key));
  if (loaded === null || !isActive(machine, loaded.record, loaded.epoch, loaded.now ?? now())) return { active: false };
  const shown = shownOf(loaded.record);
  return shown.generation === generation ? { active: true, session: viewOf(shown) } : { active: false };
}

/** Ends a session by its `sid`. */
export async function revokeSession(settings: Settings, sub: unknown, sid: unknown): Promise<boolean> {
  if (!isText(sub)) throw new SessionError("ERR_SESSION_REQUEST", "sub must be a non-empty string");
  if (!isText(sid)) throw new SessionError("ERR_SESSION_REQUEST", "sid must be a non-empty string");
  const key = { iss: settings.issuer, sub, sid };
  if ((await available(() => settings.store.load(key))) === null) return false;
  await revokeByKey(settings, key);
  return true;
}
