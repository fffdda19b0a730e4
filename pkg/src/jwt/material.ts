// What callers hand over as keys, told apart by their members.

import { isBytes, tagOf } from "../core/kinds.js";
import type { KeyObjectLike } from "./types.js";

/** What `{ key, passphrase }` may have as members. */
export interface Parts {
  readonly key?: unknown;
  readonly passphrase?: unknown;
  readonly format?: unknown;
  readonly allowExpensivePassphrase?: unknown;
}

export function isSet(material: unknown): material is { keys: unknown[] } {
  return typeof material === "object" && material !== null && Array.isArray((material as { keys?: unknown }).keys);
}

export function isJwk(material: unknown): material is { kty: string } {
  return typeof (material as { kty?: unknown } | null | undefined)?.kty === "string";
}

export function isParts(material: unknown): material is Parts {
  return typeof material === "object" && material !== null && "key" in material;
}

export function isKeyObject(value: object): value is KeyObjectLike & { asymmetricKeyType?: string } {
  const { type, export: exporter } = value as Partial<KeyObjectLike>;
  return typeof exporter === "function" && (type === "secret" || type === "public" || type === "private");
}

/** The JSON text of a key or a set; undefined for what has none, such as a circle. */
export function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** A copy of what can be changed in place. Not by slice: that of a Buffer is no copy. */
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
    // A buffer that was given away to another thread has no bytes any more.
    return undefined;
  }
}
