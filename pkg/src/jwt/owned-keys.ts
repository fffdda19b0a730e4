// The lifetime of the keys in the wasm: each has one owner, and is dropped with its owner.

import { release } from "../core/buffers.js";
import type { ErrorCode } from "../core/errors.js";
import { tandemError } from "../core/errors.js";
import { core, doubt, generation, giveUp, recover } from "../core/instance.js";
import type { Key } from "./key.js";

/** A key that could not be used, and why. */
export interface NoKey {
  readonly handle?: undefined;
  readonly code: ErrorCode;
  /** What is wrong, where more is known than that it is not a key. */
  readonly why?: string | undefined;
}

/**
 * Whether a key can still be used. The caller's code may have driven it out of its cache, or had the instance replaced.
 */
export function isAlive(key: Key): boolean {
  return key.isDropped === undefined && (key.handle < 0 || key.instance === generation());
}

/** Whether a key was found. */
export function isKey(found: Key | NoKey): found is Key {
  return found.handle !== undefined;
}

/** Drops a key, unless it went with its instance. */
export function drop(key: Key): void {
  if (key.handle < 0 || key.instance !== generation()) return;
  core().key_drop(key.handle);
  key.isDropped = true;
  living -= 1;
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
  if (key.handle < 0 || key.instance === generation()) return key.handle;
  throw tandemError("ERR_WASM_TRAP", "the wasm instance was replaced during the call; nothing was signed or verified");
}

/** SPKI or PKCS#8 of a key, to be overwritten after use; undefined for a key that has no such form. */
export function derOf(key: Key): Uint8Array<ArrayBuffer> | undefined {
  const der: unknown = core().key_to_der(liveHandle(key), key.type === "private");
  return typeof der === "object" && der !== null ? (der as Uint8Array<ArrayBuffer>) : undefined;
}

/** Makes a key by a call into the wasm, and describes it as Node describes a `KeyObject`. */
export function described(make: () => number, toSign: boolean): Key | NoKey {
  const handle = counted(make);
  if (handle < 0) return { code: core().error_code(handle) as ErrorCode, why: core().key_problem() };
  const description = core().key_describe(handle) as Pick<Key, "type" | "asymmetricKeyType" | "asymmetricKeyDetails">;
  return { ...description, handle, allows: core().key_allows(handle, toSign), instance: generation() };
}

/**
 * How many keys an instance may hold at once, and how many it may have held. Beyond either the instance is given up,
 * and keys in use are read again: a host may collect owners late or never, and the slots of keys wear out.
 */
const MAX_LIVING = 1 << 14;
const MAX_READ = 1 << 26;
let living = 0;
let everRead = 0;
let countedInstance = 0;

/** Runs a call that returns the handle of a new key, or the number of an error, and counts the key. */
export function counted(make: () => number): number {
  makeRoom();
  try {
    const handle = make();
    if (handle >= 0) {
      living += 1;
      everRead += 1;
    }
    return handle;
  } catch (error) {
    doubt.raised = true;
    throw recover(error);
  } finally {
    release();
  }
}

function makeRoom(): void {
  if (countedInstance === generation() && (living >= MAX_LIVING || everRead >= MAX_READ)) giveUp();
  if (countedInstance !== generation()) {
    living = 0;
    everRead = 0;
    countedInstance = generation();
  }
}
