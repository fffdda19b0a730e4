// What may be known of a token, and done to a session, by somebody who does not hold its key.

import { SessionError } from "./errors.js";
import { isActive } from "./machine.js";
import { revoke } from "./revoke.js";
import type { Settings } from "./settings.js";
import { isText } from "./text.js";
import { available } from "./transact.js";
import type { Introspection } from "./types.js";
import { readAccess } from "./verify.js";

/** Whether an access token is good and its session lives (RFC 7662). Asks for no proof: that is for whoever is sent it. */
export async function introspect(settings: Settings, token: unknown): Promise<Introspection> {
  const read = await readAccess(settings, token);
  if (!read.ok || read.claims.exp <= settings.now()) return { active: false };
  const { sub, sid } = read.claims;
  const { store, issuer, machine, now } = settings;
  const loaded = await available(() => store.load({ iss: issuer, sub, sid }));
  if (loaded === null || !isActive(machine, loaded.record, loaded.epoch, loaded.now ?? now())) return { active: false };
  return { active: true, claims: read.claims };
}

/** Ends a session by its name. */
export async function revokeSession(settings: Settings, sub: unknown, sid: unknown): Promise<boolean> {
  if (!isText(sub)) throw new SessionError("ERR_SESSION_REQUEST", "sub must be a string that is not empty");
  if (!isText(sid)) throw new SessionError("ERR_SESSION_REQUEST", "sid must be a string that is not empty");
  const key = { iss: settings.issuer, sub, sid };
  if ((await available(() => settings.store.load(key))) === null) return false;
  await revoke(settings, key);
  return true;
}
