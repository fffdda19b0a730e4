// The end of sessions.

import { outcomeOf } from "./answer.js";
import { commandTo } from "./command.js";
import { SessionError } from "./errors.js";
import type { Settings } from "./settings.js";
import type { SessionKey } from "./store.js";
import { transact } from "./transact.js";

/** Ends a session for good, and with it a session that was raised from it and is not used yet. */
export async function end({ store, now }: Settings, { iss, sub, sid }: SessionKey): Promise<void> {
  const revoke = (sid: string) => {
    const key = { iss, sub, sid };
    return transact(store, key, commandTo(key, now(), { action: "revoke" }));
  };
  const { verdict, other } = outcomeOf(await revoke(sid));
  // A later version wrote the record. Whoever signs out must not be told that the session has ended.
  if (verdict === "unreadable")
    throw new SessionError("ERR_STORE_UNAVAILABLE", "the record of the session cannot be read here");
  if (other !== undefined) await revoke(other);
}

/** Ends a session because somebody asked for it. */
export async function revokeByKey(settings: Settings, key: SessionKey): Promise<void> {
  await end(settings, key);
  settings.emit({ type: "revoked", by: "request", sid: key.sid, sub: key.sub });
}
