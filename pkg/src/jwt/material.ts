// The shapes of keys that callers hand over, told apart by their members.

import { isBytes, tagOf } from "../core/kinds.js";
import type { KeyObjectLike } from "./types.js";

/** The members that `{ key, passphrase }` may have. */
export interface Parts {
  readonly key?: unknown;
  readonly passphrase?: unknown;
  readonly format?: unknown;
  readonly allowExpensivePassphrase?: unknown;
}

/** A set of JWKs, as far as its shape shows. */
export interface JwkSet {
  readonly keys: readonly unknown[];
}

/** By shape, without looking at the members: the wasm judges each of them. */
export function isSet(material: unknown): material is JwkSet {
  return typeof material === "object" && material !== null && Array.isArray((material as { keys?: unknown }).keys);
}

/** `kty` is the one member that every JWK must have (RFC 7517 §4.1). */
export function isJwk(material: unknown): material is { kty: string } {
  return typeof (material as { kty?: unknown } | null | undefined)?.kty === "string";
}

export function isParts(material: unknown): material is Parts {
  return typeof material === "object" && material !== null && "key" in material;
}

/** By its members and not by `instanceof`, which fails for a `KeyObject` of another realm, as under jest. */
export function isKeyObject(value: object): value is KeyObjectLike & { asymmetricKeyType?: string } {
  const { type, export: exporter } = value as Partial<KeyObjectLike>;
  return typeof exporter === "function" && (type === "secret" || type === "public" || type === "private");
}

/** The JSON text of a key or a set; undefined for an object that has none, such as a cyclic one. */
export function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/**
 * The members of a set that have a name. Undefined where there are none, and where the set's JSON may differ from its
 * members; with `sameKind` also where the set holds secrets beside other keys.
 */
export function membersNamed(set: JwkSet, name: unknown, sameKind: boolean): unknown[] | undefined {
  if (typeof name !== "string" || isWrittenByItself(set) || isWrittenByItself(set.keys)) return undefined;
  const named: unknown[] = [];
  // Secrets beside public keys invite algorithm confusion. Such a set is read as a whole, which refuses it.
  let secrets = 0;
  for (const member of set.keys) {
    if (typeof member !== "object" || member === null || isWrittenByItself(member)) return undefined;
    const { kid, kty } = member as { kid?: unknown; kty?: unknown };
    // JSON writes a String object as a string, so the comparison below would miss it.
    if (typeof kid === "object" || typeof kty !== "string") return undefined;
    if (kty === "oct") secrets += 1;
    if (kid === name) named.push(member);
  }
  const isMixed = secrets > 0 && secrets < set.keys.length;
  return named.length === 0 || (sameKind && isMixed) ? undefined : named;
}

function isWrittenByItself(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/** A copy of whatever can be changed in place. Not made by `slice`, which gives a view for a Buffer. */
export function copyOf(material: unknown): unknown {
  const bytes = asBytes(material);
  if (bytes) return new Uint8Array(bytes);
  if (!isParts(material)) return material;
  return { ...material, key: copyOf(material.key), passphrase: copyOf(material.passphrase) };
}

/** The bytes of a view or buffer, of this realm or another: test runners run code in a realm of its own. */
export function asBytes(value: unknown): Uint8Array | undefined {
  try {
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, byteLength } = value;
      // Another thread may overwrite shared bytes between two looks at them.
      if (tagOf(buffer) === "[object SharedArrayBuffer]") return new Uint8Array(buffer, byteOffset, byteLength).slice();
      return isBytes(value) ? value : new Uint8Array(buffer, byteOffset, byteLength);
    }
    const tag = tagOf(value);
    if (tag === "[object SharedArrayBuffer]") return new Uint8Array(value as ArrayBuffer).slice();
    return tag === "[object ArrayBuffer]" ? new Uint8Array(value as ArrayBuffer) : undefined;
  } catch {
    // A buffer that was transferred to another thread has no bytes left.
    return undefined;
  }
}
