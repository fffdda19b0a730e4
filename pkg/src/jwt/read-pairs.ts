// Reads every key but plain secrets, by the wasm `keys`.

import type { ErrorCode } from "../core/errors.js";
import { keys } from "../core/keys.js";
import { isBytes } from "../core/kinds.js";
import { TextEncoder } from "../core/text.js";
import { arithmetic } from "./arithmetic.js";
import { readByNode } from "./host.js";
import { ALL_ALGORITHMS, type Key, NO_KEY, type NoKey, type Purpose, type Wanted } from "./key.js";
import { Recent, RecentBytes } from "./key-cache.js";
import { isServed } from "./key-fit.js";
import { kept } from "./keys.js";
import { asBytes, isJwk, isKeyObject, isSet, type JwkSet, jsonOf, membersNamed, type Parts } from "./material.js";
import { counted, drop, dropWith, isAlive, isKey, isOfLive } from "./owned-keys.js";
import type { Pairs } from "./pairs.js";
import type { KeyObjectLike } from "./types.js";
import { describeCryptoKey, isCryptoKey } from "./webcrypto.js";

/**
 * Keys of files with their passphrases, by the bytes of both. Not among the keys of bytes: those may be any bytes at
 * all.
 */
const files = { sign: new RecentBytes<Key>(drop), verify: new RecentBytes<Key>(drop) };
/** Keys of sets, by set, name and algorithm. */
const members = new Recent<string, Key>(drop);
/** Keys of JWKs, by the JSON text of each. */
const jwks = { sign: new Recent<string, Key>(drop), verify: new Recent<string, Key>(drop) };
/** Keys of KeyObjects and CryptoKeys, neither of which can change. */
const objects = new WeakMap<object, Key>();

export const pairs: Pairs = {
  keyOfFile,
  keyOf,
  held,
  isCryptoKey: (value): value is CryptoKey => typeof value === "object" && value !== null && isCryptoKey(value),
};

function keyOf(material: object, purpose: Purpose, wanted: Wanted): Key | NoKey {
  // From the most telling shape to the least: whatever is left is taken for `{ key, passphrase }`.
  if (isCryptoKey(material)) return keyOfCryptoKey(material);
  if (isKeyObject(material)) return keyOfObject(material);
  if (isSet(material)) {
    // Where no algorithm is wanted no member is, and the text of the set can be spared.
    if (wanted.algorithm < 0) return NO_KEY;
    return keyOfNamed(material, purpose, wanted) ?? keyOfWhole(material, purpose, wanted);
  }
  if (isJwk(material)) return keyOfJwk(material, purpose);
  return keyOfParts(material, purpose);
}

/** The JSON text of a JWK or a set is made once. */
function held(material: unknown, purpose: Purpose): ((wanted: Wanted) => Key | NoKey) | undefined {
  if (isSet(material)) return remembered(jsonOf(material) ?? "", purpose);
  if (!isJwk(material)) return undefined;
  const json = jsonOf(material) ?? "";
  return () => keyOfJson(json, purpose);
}

/** How many keys of a set are remembered by their names alone. */
const REMEMBERED = 256;

/** Finds the keys of a set that does not change: its text, which may be long, is a name only for a key that is new. */
function remembered(json: string, purpose: Purpose): (wanted: Wanted) => Key | NoKey {
  const known = new Map<string, Key>();
  return (wanted) => {
    const { kid, algorithm, isNamed } = wanted;
    // A stranger may have written anything in place of a name. `keyOfSet` refuses it.
    if (kid !== undefined && typeof kid !== "string") return keyOfSet(json, purpose, wanted);
    const name = `${isNamed} ${algorithm} ${kid === undefined ? "" : JSON.stringify(kid)}`;
    const found = known.get(name);
    if (found !== undefined && isAlive(found)) return found;
    const key = keyOfSet(json, purpose, wanted);
    if (isKey(key)) {
      if (known.size >= REMEMBERED) known.clear();
      known.set(name, key);
    }
    return key;
  };
}

/** The key of a file: PEM, JWK text or DER, recognised by its contents. Other bytes are a secret. */
export function keyOfFile(file: string | Uint8Array, purpose: Purpose): Key | NoKey {
  const { buffers } = keys;
  const key = readFile(() => (typeof file === "string" ? buffers.writeText(file) : buffers.writeBytes(file)), purpose);
  if (isKey(key)) return key;
  return translated(key, typeof file === "string" ? new TextEncoder().encode(file) : file, purpose) ?? key;
}

/** Reads a key from the bytes that `write` puts into the input. */
function readFile(write: () => number, purpose: Purpose): Key | NoKey {
  const toSign = purpose === "sign";
  return described(() => keys.exports().key_read(write(), -1, toSign, false), toSign);
}

/** A key file of a form that only the host reads, such as one of an old cipher, by way of a form that is read here. */
function translated(
  refused: NoKey,
  file: Uint8Array,
  purpose: Purpose,
  passphrase?: Uint8Array | undefined,
): Key | undefined {
  if (refused.code !== "ERR_KEY_UNSUPPORTED") return undefined;
  const der = readByNode(file, purpose, passphrase);
  if (der === undefined) return undefined;
  // The wasm has the last word about every key, so restrictions and limits are the same on each host.
  const key = readFile(() => keys.buffers.writeBytes(der), purpose);
  der.fill(0);
  return isKey(key) ? key : undefined;
}

/**
 * `{ key, passphrase }`, as Node's `createPrivateKey` and `createPublicKey` take it. A key that does not fit the purpose
 * is not one.
 */
function keyOfParts(parts: Parts, purpose: Purpose): Key | NoKey {
  const found = readParts(parts, purpose);
  if (isKey(found)) return found.type === (purpose === "sign" ? "private" : "public") ? found : NO_KEY;
  // For these two codes npm jsonwebtoken gives its sentence alone in this form, so the cause is left out.
  return found.code === "ERR_KEY_INVALID" || found.code === "ERR_KEY_PASSPHRASE" ? { code: found.code } : found;
}

function readParts({ key, passphrase, format, allowExpensivePassphrase }: Parts, purpose: Purpose): Key | NoKey {
  // As in Node, only a JWK needs its format named; PEM and DER show what they are.
  if (format === "jwk") return typeof key === "object" && key !== null ? keyOfJwk(key, purpose) : NO_KEY;
  const file = typeof key === "string" ? new TextEncoder().encode(key) : asBytes(key);
  const phrase = typeof passphrase === "string" ? new TextEncoder().encode(passphrase) : asBytes(passphrase);
  if (!file || (passphrase !== undefined && !phrase)) return NO_KEY;
  return openFile(file, phrase, purpose, allowExpensivePassphrase === true);
}

/** Reads a key file with its passphrase. Trying one takes long, so the key is kept by the content of both. */
function openFile(
  file: Uint8Array,
  phrase: Uint8Array | undefined,
  purpose: Purpose,
  mayBeExpensive: boolean,
): Key | NoKey {
  // File and passphrase in one buffer: the wasm has one input, and the cache one name.
  const both = new Uint8Array(file.length + (phrase?.length ?? 0));
  both.set(file);
  if (phrase) both.set(phrase, file.length);
  // The length of the file keeps two divisions of the same bytes apart.
  const name = new Uint8Array(both.length + 4);
  name.set(both);
  new DataView(name.buffer).setInt32(both.length, phrase ? file.length : -1);
  try {
    return kept(files[purpose], name, () => {
      const key = described(() => {
        keys.buffers.writeBytes(both);
        return keys.exports().key_read(file.length, phrase?.length ?? -1, purpose === "sign", mayBeExpensive);
      }, purpose === "sign");
      return isKey(key) ? key : (translated(key, file, purpose, phrase) ?? key);
    });
  } finally {
    // The passphrase stands in both arrays, which are ours to wipe. The cache keeps its own copy of the name.
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
  const read = () => keys.exports().key_from_jwk(keys.buffers.writeText(json), toSign);
  return kept(jwks[purpose], json, () => described(read, toSign));
}

/** Sets that were read as a whole, and so within the limits of one. */
const readSets = new WeakSet<object>();

function keyOfWhole(set: JwkSet, purpose: Purpose, wanted: Wanted): Key | NoKey {
  const json = jsonOf(set);
  if (json === undefined) return NO_KEY;
  const key = keyOfSet(json, purpose, wanted);
  if (isKey(key)) readSets.add(set);
  return key;
}

/**
 * The key of a set that was read before, from those members alone that have the wanted name: the text of all of them
 * may be long. They are read anew, so that it does not matter what the caller has changed. Undefined where only the
 * whole set tells, and also where it finds no key, since it knows why.
 */
function keyOfNamed(set: JwkSet, purpose: Purpose, wanted: Wanted): Key | undefined {
  if (!readSets.has(set)) return undefined;
  const named = membersNamed(set, wanted.kid, purpose === "verify" && !wanted.isNamed);
  const json = named && jsonOf({ keys: named });
  const key = json === undefined ? undefined : keyOfSet(json, purpose, wanted);
  return key && isKey(key) ? key : undefined;
}

function keyOfSet(json: string, purpose: Purpose, { kid, algorithm, isNamed }: Wanted): Key | NoKey {
  if (algorithm < 0) return NO_KEY;
  // A name is a string (RFC 7515 §4.1.4); nothing else is the name of a key.
  if (kid !== undefined && typeof kid !== "string")
    return { code: "ERR_KEY_NOT_FOUND", why: "the kid is not a string" };
  // The modes of `key_from_jwks`: to sign, to verify by named algorithms, to verify by whatever the header says.
  const asked = purpose === "sign" ? 0 : isNamed ? 1 : 2;
  const name = `${asked} ${algorithm} ${kid === undefined ? "" : JSON.stringify(kid)} ${json}`;
  const read = () => keys.exports().key_from_jwks(keys.buffers.writeText(json), kid, algorithm, asked);
  return kept(members, name, () => described(read, purpose === "sign"));
}

function keyOfObject(object: KeyObjectLike & { asymmetricKeyType?: string }): Key | NoKey {
  const known = objects.get(object);
  if (known !== undefined && isOfLive(known)) return known;
  const { type, asymmetricKeyType } = object;
  const bytes: unknown = object.export({ format: "der", type: type === "private" ? "pkcs8" : "spki" });
  if (!isBytes(bytes)) return NO_KEY;
  // Node checks that a private KeyObject is not used to verify, so it is not reduced to its public half here.
  let key = keyOfFile(bytes, type === "private" ? "sign" : "verify");
  // A kind that nothing here can use still has a name to complain about.
  if (!isKey(key) && asymmetricKeyType !== undefined && !isServed(asymmetricKeyType))
    key = foreign({ type: type as Key["type"], asymmetricKeyType }, 0);
  if (isKey(key)) {
    objects.set(object, key);
    dropWith(object, key);
  }
  return key;
}

function keyOfCryptoKey(held: CryptoKey): Key {
  const known = objects.get(held);
  if (known !== undefined && isOfLive(known)) return known;
  const key = foreign(describeCryptoKey(held), ALL_ALGORITHMS);
  objects.set(held, key);
  return key;
}

/** A key that is not in the wasm. */
function foreign(
  description: Pick<Key, "type" | "asymmetricKeyType" | "asymmetricKeyDetails" | "crypto">,
  allows: number,
): Key {
  return { ...description, handle: -1, allows, home: keys, instance: keys.instanceNumber(), arithmetic };
}

/** Makes a key by a call into the wasm, and describes it as Node describes a `KeyObject`. */
function described(make: () => number, toSign: boolean): Key | NoKey {
  const handle = counted(keys, make);
  const { error_code, key_allows, key_describe, key_problem } = keys.exports();
  if (handle < 0) return { code: error_code(handle) as ErrorCode, why: key_problem() };
  const description = key_describe(handle) as Pick<Key, "type" | "asymmetricKeyType" | "asymmetricKeyDetails">;
  return {
    ...description,
    handle,
    allows: key_allows(handle, toSign),
    home: keys,
    instance: keys.instanceNumber(),
    arithmetic,
  };
}
