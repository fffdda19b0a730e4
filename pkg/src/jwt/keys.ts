// From the caller's key, in whatever form, to the handle of a key in the wasm.

import { MAX_LENGTH } from "../core/buffers.js";
import { core } from "../core/core.js";
import type { ErrorCode } from "../core/errors.js";
import { isBytes } from "../core/kinds.js";
import { ALL_ALGORITHMS, type Key, NO_KEY, type NoKey, type Purpose, type Wanted } from "./key.js";
import { Recent, RecentBytes } from "./key-cache.js";
import { asBytes, copyOf, isKeyObject } from "./material.js";
import { counted, drop, dropWith, isKey, isOfLive } from "./owned-keys.js";
import type { Pairs } from "./pairs.js";

const SECRETS_ALONE: NoKey = {
  code: "ERR_KEY_UNSUPPORTED",
  why: "tandem-jwt/lite takes only secrets, as text, bytes or a KeyObject; tandem-jwt takes key pairs and JWKs too",
};

/** Reads the keys of one entry, and keeps those that it read last. */
export class KeyReader {
  /** Reads all keys but plain secrets; without it they are refused. */
  readonly pairs: Pairs | undefined;
  // A purpose has caches of its own: one text can be a private key to sign with, and its public half to verify with.
  readonly #texts = { sign: new Recent<string, Key>(drop), verify: new Recent<string, Key>(drop) };
  readonly #contents = { sign: new RecentBytes<Key>(drop), verify: new RecentBytes<Key>(drop) };
  /** Secrets by their `KeyObject`, which cannot change and so needs no comparison of bytes. */
  readonly #objects = new WeakMap<object, Key>();

  constructor(pairs?: Pairs) {
    this.pairs = pairs;
  }

  /** The key of what `sign` and `verify` take as one. */
  keyOf(material: unknown, purpose: Purpose, wanted: Wanted): Key | NoKey {
    // Text comes first: most programs hold their secret as a string, and every call passes here.
    if (typeof material === "string") return kept(this.#texts[purpose], material, () => this.#read(material, purpose));
    if (material instanceof HeldKey) return material.get(wanted);
    const bytes = asBytes(material);
    if (bytes) return kept(this.#contents[purpose], bytes, () => this.#read(bytes, purpose));
    if (typeof material !== "object" || material === null) return NO_KEY;
    if (isKeyObject(material) && material.type === "secret") return this.#ofObject(material);
    return this.pairs ? this.pairs.keyOf(material, purpose, wanted) : SECRETS_ALONE;
  }

  /** The key of bytes that nobody else has, to be dropped with its owner. */
  ownKeyOf(bytes: Uint8Array, purpose: Purpose, owner: object): Key | NoKey {
    const key = this.#read(bytes, purpose);
    if (isKey(key)) dropWith(owner, key);
    return key;
  }

  #ofObject(object: { export(): unknown }): Key | NoKey {
    const known = this.#objects.get(object);
    if (known !== undefined && isOfLive(known)) return known;
    // Read once for each object: `export` copies the secret.
    const bytes = object.export();
    if (!isBytes(bytes)) return NO_KEY;
    // The purpose does not matter: both halves of a secret are the same bytes.
    const key = this.ownKeyOf(bytes, "verify", object);
    if (isKey(key)) this.#objects.set(object, key);
    return key;
  }

  #read(material: string | Uint8Array, purpose: Purpose): Key | NoKey {
    // Most keys are secrets. What is armoured never is, and then nothing else may be in need of the other wasm.
    const isArmoured = typeof material === "string" && material.startsWith("-----BEGIN ");
    if (this.pairs === undefined || (material.length <= MAX_LENGTH && !isArmoured)) {
      const handle = counted(core, () => {
        const { buffers } = core;
        const length = typeof material === "string" ? buffers.writeText(material) : buffers.writeBytes(material);
        return core.exports().key_from_secret(length);
      });
      if (handle >= 0) {
        return { type: "secret", handle, allows: ALL_ALGORITHMS, home: core, instance: core.instanceNumber() };
      }
      // A negative handle is an error of the wasm, which knows why it refused.
      if (this.pairs === undefined) return unread(handle);
    }
    return this.pairs.keyOfFile(material, purpose);
  }
}

/** The answer to anything but a secret, where only secrets are read. */
function unread(problem: number): NoKey {
  const code = core.exports().error_code(problem) as ErrorCode;
  return code === "ERR_KEY_INVALID" ? SECRETS_ALONE : { code, why: core.exports().key_problem() };
}

/** A key given once for many calls. Its bytes are copied, so that overwriting them later changes nothing. */
export class HeldKey {
  readonly #reader: KeyReader;
  readonly #material: unknown;
  readonly #purpose: Purpose;
  /** Finds the key of a JWK, or of a set, from which each token's header chooses one. */
  readonly #find: ((wanted: Wanted) => Key | NoKey) | undefined;
  #key: Key | undefined;

  constructor(reader: KeyReader, material: unknown, purpose: Purpose) {
    this.#reader = reader;
    this.#find = reader.pairs?.held(material, purpose);
    this.#material = this.#find === undefined ? copyOf(material) : undefined;
    this.#purpose = purpose;
  }

  /** The key. It is read again after the instance was replaced, and for each token where a set has to choose. */
  get(wanted: Wanted): Key | NoKey {
    if (this.#key !== undefined && isOfLive(this.#key)) return this.#key;
    if (this.#find !== undefined) return this.#find(wanted);
    const bytes = typeof this.#material === "string" ? undefined : asBytes(this.#material);
    if (bytes === undefined) return this.#reader.keyOf(this.#material, this.#purpose, wanted);
    // Bytes are the verifier's own from here on, and so is their key.
    const key = this.#reader.ownKeyOf(bytes, this.#purpose, this);
    if (isKey(key)) this.#key = key;
    return key;
  }
}

/** A cache of keys by name. */
interface KeyCache<Name> {
  get(name: Name): Key | undefined;
  set(name: Name, key: Key): void;
}

/** The key that a cache has of a name, or one that is read now, and kept. */
export function kept<Name>(cache: KeyCache<Name>, name: Name, make: () => Key | NoKey): Key | NoKey {
  const found = cache.get(name);
  if (found !== undefined && isOfLive(found)) return found;
  const key = make();
  if (isKey(key)) cache.set(name, key);
  return key;
}
