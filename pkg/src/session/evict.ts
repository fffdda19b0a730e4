// Limits how many sessions a user has at once, where the application sets `maxSessions`.

import { type Shown, shownOf } from "./answer.js";
import { isActive } from "./machine.js";
import { end } from "./revoke.js";
import type { Settings } from "./settings.js";
import type { SessionKey } from "./store.js";
import { available } from "./transact.js";

/**
 * Ends the sessions beyond the limit after a sign-in; `replaced` ends anyway and does not count. A failure here does
 * not fail the sign-in: the next one tries again.
 */
export async function evict(settings: Settings, fresh: SessionKey, replaced: string | undefined): Promise<void> {
  const { maxSessions, emit } = settings;
  if (maxSessions === undefined) return;
  const { iss, sub } = fresh;
  try {
    const others = (await activeSessions(settings, iss, sub)).filter(
      ({ sid }) => sid !== fresh.sid && sid !== replaced,
    );
    // The new session takes one of the places.
    const surplus = others.length - (maxSessions - 1);
    if (surplus <= 0) return;
    const over = settings.now() - settings.accessTtl;
    // Repeated sign-ins leave sessions behind that nobody ever refreshes.
    const leftBehind = ({ generation, createdAt }: Shown) => generation === 0 && createdAt <= over;
    others.sort((a, b) => Number(leftBehind(b)) - Number(leftBehind(a)) || a.refreshedAt - b.refreshedAt);
    for (const { sid } of others.slice(0, surplus)) {
      await end(settings, { iss, sub, sid });
      emit({ type: "evicted", sid, sub });
    }
  } catch (cause) {
    emit({ type: "store_failed", cause, sid: fresh.sid, sub });
  }
}

/** The active sessions of a user. Records of another version are left out. */
export async function activeSessions(
  { store, machine, now, emit }: Settings,
  iss: string,
  sub: string,
): Promise<Shown[]> {
  const found: Shown[] = [];
  let cursor: string | undefined;
  do {
    const page = await available(() => store.list(iss, sub, cursor));
    for (const record of page.records) {
      try {
        const shown = shownOf(record);
        if (shown.status === "active" && isActive(machine, record, page.epoch, now())) found.push(shown);
      } catch {
        emit({ type: "record_unreadable", sub });
      }
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}
