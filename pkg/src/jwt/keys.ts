// From what a caller holds to the number of a key in the wasm.

import { MAX_LENGTH, release, writeBytes, writeText } from "../core/buffers.js";
import { type ErrorCode, tandemError } from "../core/errors.js";
import { core, generation, giveUp, recover } from "../core/instance.js";
import { isBytes } from "../core/kinds.js";
import { TextEncoder } from "../core/text.js";
import type { Key } from "./key.js";
import type { KeyObjectLike } from "./types.js";
import { describeCryptoKey, isCryptoKey } from "./webcrypto.js";

/** What a key is wanted for: where there is a choice, a private key signs and a public one verifies. */
export type Purpose = "sign" | "verify";

/** What is no key that could be used, and why. */
export interface NoKey {
  readonly number?: undefined;
  readonly code: ErrorCode;
}

const NO_KEY: NoKey = { code: "ERR_KEY_INVALID" };

/** Whether a key was found. */
export function isKey(found: Key | NoKey): found is Key {
  return found.number !== undefined;
}

/** Which key of a set is meant (RFC 7517 §4.5). */
export interface Wanted {
  /** As it stands in the header: anything, if a stranger wrote it. */
  readonly kid: unknown;
  /** The number of the algorithm. */
  readonly algorithm: number;
}

// Strings do not change, so their keys are kept: deriving one costs as much as signing. Two generations stand in for a
// strict order of use; what was not used while a generation filled up is dropped.
const GENERATION = 256;

class StringKeys {
  #recent = new Map<string, Key>();
  #older = new Map<string, Key>();
  readonly #purpose: Purpose;

  constructor(purpose: Purpose) {
    this.#purpose = purpose;
  }

  get(text: string): Key | NoKey {
    const key = this.#recent.get(text);
    return key !== undefined && key.made === generation() ? key : this.#findOrMake(text);
  }

  #findOrMake(text: string): Key | NoKey {
    let key: Key | NoKey | undefined = this.#older.get(text);
    if (key !== undefined && key.made === generation()) this.#older.delete(text);
    else
      key = unlessJson(
        text,
        read(() => writeText(text), text.length, undefined, this.#purpose, true),
      );
    if (!isKey(key)) return key;
    if (this.#recent.size >= GENERATION) {
      for (const old of this.#older.values()) drop(old);
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(text, key);
    return key;
  }
}

const strings = { sign: new StringKeys("sign"), verify: new StringKeys("verify") };
const objects = new WeakMap<object, Key>();

/** Drops the keys of owners that are gone, where the host can tell: made at first use, since Workers forbid it before. */
let owners: FinalizationRegistry<Key> | null | undefined;

/** Ties the life of a key to that of its owner. */
function dropWith(owner: object, key: Key): void {
  if (owners === undefined) {
    owners = typeof FinalizationRegistry === "function" ? new FinalizationRegistry<Key>(drop) : null;
  }
  owners?.register(owner, key);
}

/** A key that was given once, for many calls: bytes are copied, so that overwriting them later changes nothing. */
export class HeldKey {
  readonly #material: unknown;
  readonly #purpose: Purpose;
  #key: Key | undefined;

  constructor(material: unknown, purpose: Purpose) {
    const bytes = asBytes(material);
    // Not by slice: that of a Buffer is no copy.
    this.#material = bytes ? new Uint8Array(bytes) : isJson(material) ? JSON.parse(JSON.stringify(material)) : material;
    this.#purpose = purpose;
  }

  /** The key; made anew where the instance was replaced, or where a set has to choose. */
  get(wanted: Wanted): Key | NoKey {
    if (this.#key?.made === generation()) return this.#key;
    const key = keyOf(this.#material, this.#purpose, wanted);
    if (!isKey(key) || key.kept || isSet(this.#material)) return key;
    this.#key = { ...key, kept: true };
    // A copy: the registry must not keep what it waits for alive.
    dropWith(this, { ...key, kept: true });
    return this.#key;
  }
}

/** The key of what `sign` and `verify` take as one. */
export function keyOf(material: unknown, purpose: Purpose, wanted: Wanted): Key | NoKey {
  if (typeof material === "string") return strings[purpose].get(material);
  if (material instanceof HeldKey) return material.get(wanted);
  // Bytes can be overwritten in place, so their key is made anew for each call.
  const bytes = asBytes(material);
  if (bytes)
    return unlessJson(
      bytes,
      read(() => writeBytes(bytes), bytes.length, undefined, purpose, false),
    );
  if (typeof material !== "object" || material === null) return NO_KEY;
  if (isCryptoKey(material)) return { ...describeCryptoKey(material), number: -1, made: generation(), kept: true };
  if (isKeyObject(material)) return keyOfObject(material);
  if (isSet(material)) return keyOfSet(material, purpose, wanted);
  if (typeof (material as { kty?: unknown }).kty === "string") return keyOfJwk(material, purpose);
  return keyOfParts(material as { key?: unknown; passphrase?: unknown; format?: unknown }, purpose);
}

/** Drops a key that is not kept. */
export function done(key: Key): void {
  if (!key.kept) drop(key);
}

function drop(key: Key): void {
  if (key.number < 0 || key.made !== generation()) return;
  core().key_drop(key.number);
  living -= 1;
}

/**
 * The number of a key in the live instance. A number of an earlier instance may be another's key here, so a call during
 * which the instance was replaced ends with an error.
 */
export function liveNumber(key: Key): number {
  if (key.number < 0 || key.made === generation()) return key.number;
  throw tandemError("ERR_WASM_TRAP", "the wasm instance was replaced during the call; nothing was signed or verified");
}

/**
 * How many keys an instance may hold at once, and how many it may have held. Beyond either it is given up, and what is
 * still in use is read again: a host may tell late, or never, that the owner of a key is gone, and places wear out.
 */
const MAX_LIVING = 1 << 14;
const MAX_READ = 1 << 26;
let living = 0;
let everRead = 0;
let counted = 0;

/** Counts a key that is about to be read. */
function countKey(): void {
  if (counted === generation() && (living >= MAX_LIVING || everRead >= MAX_READ)) giveUp();
  if (counted !== generation()) {
    living = 0;
    everRead = 0;
    counted = generation();
  }
}

/**
 * `{ key, passphrase }`, as Node's `createPrivateKey` and `createPublicKey` take it: what does not fit the purpose is
 * none.
 */
function keyOfParts(parts: { key?: unknown; passphrase?: unknown; format?: unknown }, purpose: Purpose): Key | NoKey {
  const found = readParts(parts, purpose);
  if (!isKey(found) || found.type === (purpose === "sign" ? "private" : "public")) return found;
  done(found);
  return NO_KEY;
}

function readParts(
  { key, passphrase, format }: { key?: unknown; passphrase?: unknown; format?: unknown },
  purpose: Purpose,
): Key | NoKey {
  if (format === "jwk") return typeof key === "object" && key !== null ? keyOfJwk(key, purpose) : NO_KEY;
  const material = typeof key === "string" ? new TextEncoder().encode(key) : asBytes(key);
  const phrase = typeof passphrase === "string" ? new TextEncoder().encode(passphrase) : asBytes(passphrase);
  if (!material || (passphrase !== undefined && !phrase)) return NO_KEY;
  const both = new Uint8Array(material.length + (phrase?.length ?? 0));
  both.set(material);
  if (phrase) both.set(phrase, material.length);
  return unlessJson(
    material,
    read(() => writeBytes(both), material.length, phrase?.length, purpose, false),
  );
}

function keyOfJwk(jwk: object, purpose: Purpose): Key | NoKey {
  return limited(
    described(() => core().key_from_jwk(jwk, purpose === "sign"), false),
    jwk,
  );
}

/** Marks a key that was read from text or bytes that may be a JWK, whose limits only the wasm has read. */
function unlessJson(material: string | Uint8Array, key: Key | NoKey): Key | NoKey {
  if (!isKey(key) || key.type === "secret") return key;
  const start = typeof material === "string" ? material : String.fromCharCode(...material.subarray(0, BEGINNING));
  const isPemOrDer = /^[^{]*-----BEGIN /.test(start) || /^[^\s{\ufeff\u00ef]/.test(start);
  return isPemOrDer ? key : { ...key, only: "" };
}

/** Enough to see what a key file begins with. */
const BEGINNING = 256;

/** Marks a key that its JWK limits: the wasm alone knows all limits, so the host gets the plain case only. */
function limited(
  key: Key | NoKey,
  { alg, use, key_ops }: { alg?: unknown; use?: unknown; key_ops?: unknown },
): Key | NoKey {
  if (!isKey(key) || (alg === undefined && use === undefined && key_ops === undefined)) return key;
  const isPlain = typeof alg === "string" && (use === undefined || use === "sig") && key_ops === undefined;
  return { ...key, only: isPlain ? alg : "" };
}

function keyOfSet(set: object, purpose: Purpose, { kid, algorithm }: Wanted): Key | NoKey {
  if (algorithm < 0) return NO_KEY;
  // A name is a string (RFC 7515 §4.1.4); nothing else is the name of a key.
  if (kid !== undefined && typeof kid !== "string") return { code: "ERR_KEY_NOT_FOUND" };
  const text = JSON.stringify(set);
  const key = described(() => core().key_from_jwks(writeText(text), kid, algorithm, purpose === "sign"), false);
  return isKey(key) ? { ...key, only: "" } : key;
}

function keyOfObject(object: KeyObjectLike & { asymmetricKeyType?: string }): Key | NoKey {
  const kept = objects.get(object);
  if (kept?.made === generation()) return kept;
  const { type, asymmetricKeyType } = object;
  const bytes =
    type === "secret" ? object.export() : object.export({ format: "der", type: type === "private" ? "pkcs8" : "spki" });
  if (!isBytes(bytes)) return NO_KEY;
  // Node checks that a private KeyObject is not used to verify, so it is not reduced to its public half here.
  const purpose = type === "private" ? "sign" : "verify";
  let key = read(() => writeBytes(bytes), bytes.length, undefined, purpose, true);
  // A kind that nothing here can use still has a name to complain about.
  if (!isKey(key) && asymmetricKeyType !== undefined)
    key = { type, asymmetricKeyType, number: -1, made: generation(), kept: true };
  if (isKey(key)) {
    objects.set(object, key);
    dropWith(object, { ...key });
  }
  return key;
}

/** Reads a key from `length` bytes that `write` puts into the input, and a passphrase behind them. */
function read(
  write: () => number,
  length: number,
  passphrase: number | undefined,
  purpose: Purpose,
  kept: boolean,
): Key | NoKey {
  // Most keys are secrets, which need no description.
  if (passphrase === undefined && length <= MAX_LENGTH) {
    const number = guarded(() => core().key_from_secret(write()));
    if (number >= 0) return { type: "secret", number, made: generation(), kept };
  }
  return described(() => {
    const written = write();
    return core().key_read(passphrase === undefined ? written : length, passphrase ?? -1, purpose === "sign");
  }, kept);
}

function described(make: () => number, kept: boolean): Key | NoKey {
  const number = guarded(make);
  if (number < 0) return { code: core().error_code(number) as ErrorCode };
  const description = core().key_describe(number) as Pick<Key, "type" | "asymmetricKeyType" | "asymmetricKeyDetails">;
  return { ...description, number, made: generation(), kept };
}

function guarded(make: () => number): number {
  countKey();
  try {
    const number = make();
    if (number >= 0) {
      living += 1;
      everRead += 1;
    }
    return number;
  } catch (error) {
    throw recover(error);
  } finally {
    release();
  }
}

/** A JWK or a JWKS: plain data, of which a copy is as good. */
function isJson(material: unknown): boolean {
  return isSet(material) || typeof (material as { kty?: unknown } | null)?.kty === "string";
}

function isSet(material: unknown): material is { keys: unknown[] } {
  return typeof material === "object" && material !== null && Array.isArray((material as { keys?: unknown }).keys);
}

/** The bytes of a view or buffer, of this realm or another: test runners run code in a realm of its own. */
function asBytes(value: unknown): Uint8Array | undefined {
  if (isBytes(value)) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]"
    ? new Uint8Array(value as ArrayBuffer)
    : undefined;
}

function isKeyObject(value: object): value is KeyObjectLike {
  const { type, export: exporter } = value as Partial<KeyObjectLike>;
  return typeof exporter === "function" && (type === "secret" || type === "public" || type === "private");
}
