// A session that another one was raised from ends when that one is first used.

import { notNow, outcomeOf, refused } from "./answer.js";
import { commandTo } from "./command.js";
import { end } from "./revoke.js";
import type { Settings } from "./settings.js";
import type { SessionKey } from "./store.js";
import { transact } from "./transact.js";
import type { Refusal } from "./types.js";

/** The verdicts after which the old session is gone, so that the new one may take its place. */
const OVER: ReadonlySet<string> = new Set(["done", "stale", "missing", "expired"]);

/**
 * Ends the session that `by` replaces, at the first use of `by`. Returns a refusal if `by` may not take its place: the
 * old session was revoked, or another one was raised from it since.
 */
export async function endReplaced(settings: Settings, by: SessionKey, sid: string): Promise<Refusal | undefined> {
  const { iss, sub } = by;
  const replaced = { iss, sub, sid };
  const command = commandTo(replaced, settings.now(), { action: "supersede", by: by.sid });
  const { verdict } = outcomeOf(await transact(settings.store, replaced, command));
  if (verdict === "done") settings.emit({ type: "superseded", sid, sub });
  if (OVER.has(verdict)) return undefined;
  if (verdict === "unreadable") return notNow();
  await end(settings, by);
  settings.emit({ type: "revoked", by: "token", sid: by.sid, sub });
  return refused("invalid_grant");
}
