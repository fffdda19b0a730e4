// The life of the keys that the wasm holds: each has one owner, and is dropped with it.

import { tandemError } from "../core/errors.js";
import type { Instance } from "../core/instance.js";
import type { Key, NoKey } from "./key.js";

/** Whether a key is still where it was found. Code of a caller may have driven it out of its cache, or worn its instance out. */
export function isAlive(key: Key): boolean {
  return key.isDropped === undefined && (key.number < 0 || isOfLive(key));
}

/** Whether the instance that made a key is the live one. */
export function isOfLive({ home, made }: Key): boolean {
  return made === home.generation();
}

/** Whether a key was found. */
export function isKey(found: Key | NoKey): found is Key {
  return found.number !== undefined;
}

/** Drops a key; one of an instance that is gone went with it. */
export function drop(key: Key): void {
  if (key.number < 0 || !isOfLive(key)) return;
  key.home.exports().key_drop(key.number);
  key.isDropped = true;
  key.home.held.now -= 1;
}

/** Drops the keys of owners that are gone, where the host can tell: made at first use, since Workers forbid it before. */
let owners: FinalizationRegistry<Key> | null | undefined;

/** Ties the life of a key to that of its owner. */
export function dropWith(owner: object, key: Key): void {
  if (owners === undefined) {
    owners = typeof FinalizationRegistry === "function" ? new FinalizationRegistry<Key>(drop) : null;
  }
  // A copy: the registry must not keep what it waits for alive.
  owners?.register(owner, { ...key });
}

/**
 * The number of a key in the live instance. A number of an earlier instance may be another's key here, so a call during
 * which the instance was replaced ends with an error.
 */
export function liveNumber(key: Key): number {
  if (key.number < 0 || isOfLive(key)) return key.number;
  throw tandemError("ERR_WASM_TRAP", "the wasm instance was replaced during the call; nothing was signed or verified");
}

/**
 * How many keys an instance may hold at once, and how many it may have held. Beyond either it is given up, and what is
 * still in use is read again: a host may tell late, or never, that the owner of a key is gone, and places wear out.
 */
const MAX_LIVING = 1 << 14;
const MAX_READ = 1 << 26;

/** Calls what returns the number of a new key, or of an error, and counts the key. */
export function counted(home: Instance, make: () => number): number {
  const { held } = home;
  // A doubted instance goes before its keys are counted.
  home.generation();
  if (held.now >= MAX_LIVING || held.ever >= MAX_READ) home.giveUp();
  try {
    const number = make();
    if (number >= 0) {
      held.now += 1;
      held.ever += 1;
    }
    return number;
  } catch (error) {
    home.isDoubted = true;
    throw home.recover(error);
  } finally {
    home.buffers.release();
  }
}
