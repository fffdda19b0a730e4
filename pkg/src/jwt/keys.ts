// From the caller's key, in whatever form, to the handle of a key in the wasm.

import { MAX_LENGTH, writeBytes, writeText } from "../core/buffers.js";
import { core, generation } from "../core/instance.js";
import { isBytes, tagOf } from "../core/kinds.js";
import { TextEncoder } from "../core/text.js";
import { readByNode } from "./host.js";
import { ALL_ALGORITHMS, type Key } from "./key.js";
import { Recent, RecentBytes } from "./key-cache.js";
import { isServed } from "./key-fit.js";
import { counted, described, drop, dropWith, isKey, type NoKey } from "./owned-keys.js";
import type { KeyObjectLike } from "./types.js";
import { describeCryptoKey, isCryptoKey } from "./webcrypto.js";

/** The purpose of a key: where a file holds both halves, the private one signs and the public one verifies. */
export type Purpose = "sign" | "verify";

const NO_KEY: NoKey = { code: "ERR_KEY_INVALID" };

/** Which key of a set is meant (RFC 7517 §4.5). */
export interface Wanted {
  /** From the header of a token, so it may be any value that a stranger wrote. */
  readonly kid: unknown;
  /** The number of the algorithm. */
  readonly algorithm: number;
  /** Whether the caller has named the algorithms, so that a stranger's header does not choose among all of them. */
  readonly isNamed: boolean;
}

// Each purpose has its own caches: the same text can be a private key to sign with, and its public half to verify with.
const texts = { sign: new Recent<string, Key>(drop), verify: new Recent<string, Key>(drop) };
const contents = { sign: new RecentBytes<Key>(drop), verify: new RecentBytes<Key>(drop) };
/**
 * Encrypted keys, by the bytes of file and passphrase. A cache of their own, since plain keys may be any bytes at all.
 */
const files = { sign: new RecentBytes<Key>(drop), verify: new RecentBytes<Key>(drop) };
/** Keys of sets, by set, name and algorithm. */
const members = new Recent<string, Key>(drop);
/** Keys of JWKs, by the JSON text of each. */
const jwks = { sign: new Recent<string, Key>(drop), verify: new Recent<string, Key>(drop) };
const objects = new WeakMap<object, Key>();

/** A key given once for many calls. Its bytes are copied, so that overwriting them later changes nothing. */
export class HeldKey {
  readonly #material: unknown;
  /** The JSON text of a JWK, or of a set, from which each token's header chooses a key. */
  readonly #json: string | undefined;
  readonly #isSet: boolean;
  readonly #purpose: Purpose;
  #key: Key | undefined;

  constructor(material: unknown, purpose: Purpose) {
    this.#isSet = isSet(material);
    this.#json = this.#isSet || isJwk(material) ? (jsonOf(material as object) ?? "") : undefined;
    this.#material = this.#json === undefined ? copyOf(material) : undefined;
    this.#purpose = purpose;
  }

  /** The key. It is read again after the instance was replaced, and for each token where a set has to choose. */
  get(wanted: Wanted): Key | NoKey {
    if (this.#key?.instance === generation()) return this.#key;
    if (this.#json !== undefined) {
      return this.#isSet ? keyOfSet(this.#json, this.#purpose, wanted) : keyOfJson(this.#json, this.#purpose);
    }
    const bytes = typeof this.#material === "string" ? undefined : asBytes(this.#material);
    if (bytes === undefined) return keyOf(this.#material, this.#purpose, wanted);
    // The copied bytes belong to this verifier, and so does their key.
    const key = readBytes(bytes, this.#purpose);
    if (!isKey(key)) return key;
    this.#key = key;
    dropWith(this, key);
    return key;
  }
}

/** A copy of bytes that the caller may overwrite. Not by `slice`, which does not copy a Buffer. */
function copyOf(material: unknown): unknown {
  const bytes = asBytes(material);
  if (bytes) return new Uint8Array(bytes);
  if (!isParts(material)) return material;
  return { ...material, key: copyOf(material.key), passphrase: copyOf(material.passphrase) };
}

/** The key of whatever `sign` and `verify` accept as a key. */
export function keyOf(material: unknown, purpose: Purpose, wanted: Wanted): Key | NoKey {
  if (typeof material === "string") return keyOfText(material, purpose);
  if (material instanceof HeldKey) return material.get(wanted);
  const bytes = asBytes(material);
  if (bytes) return keyOfBytes(bytes, purpose);
  if (typeof material !== "object" || material === null) return NO_KEY;
  if (isCryptoKey(material)) {
    return { ...describeCryptoKey(material), handle: -1, allows: ALL_ALGORITHMS, instance: generation() };
  }
  if (isKeyObject(material)) return keyOfObject(material);
  if (isSet(material)) {
    // Without an algorithm no member of a set can be meant, so the set need not be written as text.
    if (wanted.algorithm < 0) return NO_KEY;
    const json = jsonOf(material);
    return json === undefined ? NO_KEY : keyOfSet(json, purpose, wanted);
  }
  if (isJwk(material)) return keyOfJwk(material, purpose);
  return keyOfParts(material, purpose);
}

/** The cached key of this name, or the key read now and cached. */
function kept<Name>(cache: KeyCache<Name>, name: Name, make: () => Key | NoKey): Key | NoKey {
  const found = cache.get(name);
  if (found !== undefined && found.instance === generation()) return found;
  const key = make();
  if (isKey(key)) cache.set(name, key);
  return key;
}

interface KeyCache<Name> {
  get(name: Name): Key | undefined;
  set(name: Name, key: Key): void;
}

function keyOfText(text: string, purpose: Purpose): Key | NoKey {
  return kept(texts[purpose], text, () => {
    const key = read(() => writeText(text), text.length, purpose);
    return isKey(key) ? key : (translated(key, new TextEncoder().encode(text), purpose) ?? key);
  });
}

function keyOfBytes(bytes: Uint8Array, purpose: Purpose): Key | NoKey {
  return kept(contents[purpose], bytes, () => readBytes(bytes, purpose));
}

function readBytes(bytes: Uint8Array, purpose: Purpose): Key | NoKey {
  const key = read(() => writeBytes(bytes), bytes.length, purpose);
  return isKey(key) ? key : (translated(key, bytes, purpose) ?? key);
}

/** A key file that only the host can read, such as one with an old cipher, by way of a form that the wasm reads. */
function translated(
  refused: NoKey,
  file: Uint8Array,
  purpose: Purpose,
  passphrase?: Uint8Array | undefined,
): Key | undefined {
  if (refused.code !== "ERR_KEY_UNSUPPORTED") return undefined;
  const der = readByNode(file, purpose, passphrase);
  if (der === undefined) return undefined;
  const key = read(() => writeBytes(der), der.length, purpose);
  der.fill(0);
  return isKey(key) ? key : undefined;
}

/** The members that `{ key, passphrase }` may have. */
interface Parts {
  readonly key?: unknown;
  readonly passphrase?: unknown;
  readonly format?: unknown;
  readonly allowExpensivePassphrase?: unknown;
}

/**
 * The key of `{ key, passphrase }`, in the forms that Node's `createPrivateKey` and `createPublicKey` take. A key of
 * the other purpose is not a key.
 */
function keyOfParts(parts: Parts, purpose: Purpose): Key | NoKey {
  const found = readParts(parts, purpose);
  if (isKey(found)) return found.type === (purpose === "sign" ? "private" : "public") ? found : NO_KEY;
  // In this form npm jsonwebtoken tells no cause for these two, so none is told here.
  return found.code === "ERR_KEY_INVALID" || found.code === "ERR_KEY_PASSPHRASE" ? { code: found.code } : found;
}

function readParts({ key, passphrase, format, allowExpensivePassphrase }: Parts, purpose: Purpose): Key | NoKey {
  if (format === "jwk") return typeof key === "object" && key !== null ? keyOfJwk(key, purpose) : NO_KEY;
  const file = typeof key === "string" ? new TextEncoder().encode(key) : asBytes(key);
  const phrase = typeof passphrase === "string" ? new TextEncoder().encode(passphrase) : asBytes(passphrase);
  if (!file || (passphrase !== undefined && !phrase)) return NO_KEY;
  return openFile(file, phrase, purpose, allowExpensivePassphrase === true);
}

/** Reads a key file with its passphrase. That takes long, so the key is cached by the content of both. */
function openFile(
  file: Uint8Array,
  phrase: Uint8Array | undefined,
  purpose: Purpose,
  mayBeExpensive: boolean,
): Key | NoKey {
  const both = new Uint8Array(file.length + (phrase?.length ?? 0));
  both.set(file);
  if (phrase) both.set(phrase, file.length);
  // The name ends with the file's length: else another split of the same bytes into file and passphrase would have the
  // same name.
  const name = new Uint8Array(both.length + 4);
  name.set(both);
  new DataView(name.buffer).setInt32(both.length, phrase ? file.length : -1);
  try {
    return kept(files[purpose], name, () => {
      const key = described(() => {
        writeBytes(both);
        return core().key_read(file.length, phrase?.length ?? -1, purpose === "sign", mayBeExpensive);
      }, purpose === "sign");
      return isKey(key) ? key : (translated(key, file, purpose, phrase) ?? key);
    });
  } finally {
    both.fill(0);
    name.fill(0);
  }
}

function keyOfJwk(jwk: object, purpose: Purpose): Key | NoKey {
  const json = jsonOf(jwk);
  return json === undefined ? NO_KEY : keyOfJson(json, purpose);
}

function keyOfJson(json: string, purpose: Purpose): Key | NoKey {
  const toSign = purpose === "sign";
  return kept(jwks[purpose], json, () => described(() => core().key_from_jwk(writeText(json), toSign), toSign));
}

function keyOfSet(json: string, purpose: Purpose, { kid, algorithm, isNamed }: Wanted): Key | NoKey {
  if (algorithm < 0) return NO_KEY;
  // A kid is a string (RFC 7515 §4.1.4); any other value names no key.
  if (kid !== undefined && typeof kid !== "string") return { code: "ERR_KEY_NOT_FOUND", why: "the kid is no string" };
  const asked = purpose === "sign" ? 0 : isNamed ? 1 : 2;
  const name = `${asked} ${algorithm} ${kid === undefined ? "" : JSON.stringify(kid)} ${json}`;
  return kept(members, name, () =>
    described(() => core().key_from_jwks(writeText(json), kid, algorithm, asked), purpose === "sign"),
  );
}

/** The JSON text of a key or a set; undefined for an object that has none, such as one with a cycle. */
function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function keyOfObject(object: KeyObjectLike & { asymmetricKeyType?: string }): Key | NoKey {
  const known = objects.get(object);
  if (known?.instance === generation()) return known;
  const { type, asymmetricKeyType } = object;
  const bytes =
    type === "secret" ? object.export() : object.export({ format: "der", type: type === "private" ? "pkcs8" : "spki" });
  if (!isBytes(bytes)) return NO_KEY;
  // npm jsonwebtoken refuses a private KeyObject for verifying, so it is not reduced to its public half here.
  const purpose = type === "private" ? "sign" : "verify";
  let key = read(() => writeBytes(bytes), bytes.length, purpose);
  // The error for a type that is not supported names the type.
  if (!isKey(key) && asymmetricKeyType !== undefined && !isServed(asymmetricKeyType))
    key = { type, asymmetricKeyType, handle: -1, allows: 0, instance: generation() };
  if (isKey(key)) {
    objects.set(object, key);
    dropWith(object, key);
  }
  return key;
}

/** Reads a key from the bytes that `write` puts into the input buffer. */
function read(write: () => number, length: number, purpose: Purpose): Key | NoKey {
  // Most keys are secrets, and a secret needs no description.
  if (length <= MAX_LENGTH) {
    const handle = counted(() => core().key_from_secret(write()));
    if (handle >= 0) return { type: "secret", handle, allows: ALL_ALGORITHMS, instance: generation() };
  }
  const toSign = purpose === "sign";
  return described(() => core().key_read(write(), -1, toSign, false), toSign);
}

function isSet(material: unknown): material is { keys: unknown[] } {
  return typeof material === "object" && material !== null && Array.isArray((material as { keys?: unknown }).keys);
}

function isJwk(material: unknown): material is { kty: string } {
  return typeof (material as { kty?: unknown } | null | undefined)?.kty === "string";
}

function isParts(material: unknown): material is Parts {
  return typeof material === "object" && material !== null && "key" in material;
}

/** The bytes of a view or buffer, of any realm: test runners run code in a realm of its own. */
function asBytes(value: unknown): Uint8Array | undefined {
  try {
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, byteLength } = value;
      // Another thread may overwrite shared memory between the two times that it is read, so it is copied.
      if (tagOf(buffer) === "[object SharedArrayBuffer]") return new Uint8Array(buffer, byteOffset, byteLength).slice();
      return isBytes(value) ? value : new Uint8Array(buffer, byteOffset, byteLength);
    }
    const tag = tagOf(value);
    if (tag === "[object SharedArrayBuffer]") return new Uint8Array(value as ArrayBuffer).slice();
    return tag === "[object ArrayBuffer]" ? new Uint8Array(value as ArrayBuffer) : undefined;
  } catch {
    // A buffer that was transferred to another thread has no bytes any more.
    return undefined;
  }
}

function isKeyObject(value: object): value is KeyObjectLike {
  const { type, export: exporter } = value as Partial<KeyObjectLike>;
  return typeof exporter === "function" && (type === "secret" || type === "public" || type === "private");
}
