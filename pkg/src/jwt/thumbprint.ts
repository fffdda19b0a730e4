// Names keys by their thumbprint.

import { keys } from "../core/keys.js";
import type { Thumbprint } from "./api.js";
import { keyError, noMaterial } from "./key-fit.js";
import type { KeyReader } from "./keys.js";
import { asBytes } from "./material.js";
import { drop, isKey } from "./owned-keys.js";
import { keyOfFile } from "./read-pairs.js";

/** Makes `thumbprint` for the keys that a reader reads. */
export function makeThumbprint(reader: KeyReader): Thumbprint {
  return function thumbprint(key) {
    // With the algorithm -1 a set of keys gives none: a thumbprint is that of one key.
    const bound = reader.keyOf(key, "verify", { kid: undefined, algorithm: -1, isNamed: false });
    if (!isKey(bound)) throw keyError(noMaterial("the key", bound), bound.code);
    if (bound.handle < 0) throw keyError("a CryptoKey, or a key of an unsupported type, has no thumbprint here");
    // Secrets live elsewhere, and are asked for it too seldom to be kept here as well.
    const lodged = bound.home === keys ? undefined : keyOfFile(bytesOf(key), "verify");
    try {
      const { handle } = lodged ?? bound;
      const print: unknown = handle === undefined ? undefined : keys.exports().key_thumbprint(handle);
      if (typeof print !== "string") throw keyError("the key has no thumbprint");
      return print;
    } catch (error) {
      keys.isDoubted = true;
      throw keys.recover(error);
    } finally {
      if (lodged !== undefined && isKey(lodged)) drop(lodged);
    }
  };
}

/** The text or the bytes of a secret. */
function bytesOf(key: unknown): string | Uint8Array {
  return typeof key === "string" ? key : (asBytes(key) ?? (key as { export(): Uint8Array }).export());
}
