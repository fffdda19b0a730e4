// The lifetime of the keys in the wasm: each has one owner, and is dropped with its owner.

import { tandemError } from "../core/errors.js";
import type { Instance } from "../core/instance.js";
import type { Key, NoKey } from "./key.js";

/**
 * Whether a key can still be used. The caller's code may have driven it out of its cache, or had the instance replaced.
 */
export function isAlive(key: Key): boolean {
  return key.isDropped === undefined && (key.handle < 0 || isOfLive(key));
}

/** Whether the instance that made a key is the live one. */
export function isOfLive({ home, instance }: Key): boolean {
  return instance === home.instanceNumber();
}

/** Whether a key was found. */
export function isKey(found: Key | NoKey): found is Key {
  return found.handle !== undefined;
}

/** Drops a key, unless it went with its instance. */
export function drop(key: Key): void {
  if (key.handle < 0 || !isOfLive(key)) return;
  key.home.exports().key_drop(key.handle);
  // A caller in the middle of a call may still hold this key; `isAlive` then tells it to find the key again.
  key.isDropped = true;
  key.home.held.now -= 1;
}

/**
 * Drops the keys of owners that were collected, where the host has a registry. Made at first use: Workers forbid it at
 * start.
 */
let owners: FinalizationRegistry<Key> | null | undefined;

/** Drops a key once its owner is collected. */
export function dropWith(owner: object, key: Key): void {
  if (owners === undefined) {
    owners = typeof FinalizationRegistry === "function" ? new FinalizationRegistry<Key>(drop) : null;
  }
  // A copy, because the registry would keep the key itself alive, and with it perhaps its owner.
  owners?.register(owner, { ...key });
}

/**
 * The handle of a key in the live instance. A handle of an earlier instance may be another's key here, so a call during
 * which the instance was replaced ends with an error.
 */
export function liveHandle(key: Key): number {
  if (key.handle < 0 || isOfLive(key)) return key.handle;
  throw tandemError("ERR_WASM_TRAP", "the wasm instance was replaced during the call; nothing was signed or verified");
}

/**
 * How many keys an instance may hold at once, and how many it may have held. Beyond either the instance is given up,
 * and keys in use are read again: a host may collect owners late or never, and the slots of keys wear out.
 */
const MAX_LIVING = 1 << 14;
const MAX_READ = 1 << 26;

/** Calls what returns the handle of a new key, or the number of an error, and counts the key. */
export function counted(home: Instance, make: () => number): number {
  const { held } = home;
  // A doubted instance goes before its keys are counted.
  home.instanceNumber();
  if (held.now >= MAX_LIVING || held.ever >= MAX_READ) home.giveUp();
  try {
    const handle = make();
    if (handle >= 0) {
      held.now += 1;
      held.ever += 1;
    }
    // A negative number is an error, and no key was made.
    return handle;
  } catch (error) {
    home.isDoubted = true;
    throw home.recover(error);
  } finally {
    home.buffers.release();
  }
}
