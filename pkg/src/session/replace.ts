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
 * Ends the session whose place another one takes by being used. A refusal if that one may not: the old one was revoked,
 * or yet another was raised from it.
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
