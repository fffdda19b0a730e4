// One atomic operation on a session, whatever the store offers for it.

import { SessionError } from "./errors.js";
import { runStep } from "./run-step.js";
import type { SessionKey, SessionStore } from "./store.js";

// The loser of a race reads the winner's record, where nearly always nothing is left to write.
const TRIES = 8;
const LONGEST_PAUSE_MS = 40;

/**
 * Carries out a command. Rejects with `ERR_STORE_UNAVAILABLE` if the store does, or if other writers win every time.
 */
export async function transact(store: SessionStore, key: SessionKey, command: Uint8Array): Promise<Uint8Array> {
  if (store.transact !== undefined) return available(() => store.transact!(key, command));
  for (let tried = 1; ; tried++) {
    const loaded = await available(() => store.load(key));
    const step = runStep(loaded?.record ?? null, loaded?.epoch ?? 0, command, loaded?.now);
    // Nothing to write, so the outcome stands whatever others do meanwhile.
    if (loaded === null || step.record === undefined) return step.outcome;
    if (await available(() => store.compareAndSet(key, loaded.version, step.record, step.index))) return step.outcome;
    if (tried === TRIES)
      throw new SessionError("ERR_STORE_UNAVAILABLE", "too many others wrote to this session at the same time");
    // A random pause, so that servers that collided do not collide again.
    await new Promise((resume) => setTimeout(resume, Math.random() * LONGEST_PAUSE_MS));
  }
}

/** Calls the store; what it throws becomes the cause of an `ERR_STORE_UNAVAILABLE`. */
export async function available<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new SessionError("ERR_STORE_UNAVAILABLE", "the session store failed", { cause });
  }
}
