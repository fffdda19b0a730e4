// Keys on their way from the wasm to the host's own cryptography.

import { keys } from "../core/keys.js";
import type { Key } from "./key.js";
import { liveHandle } from "./owned-keys.js";

/** SPKI or PKCS#8 of a key, to be overwritten after use; undefined for a key that has no such form. */
export function derOf(key: Key): Uint8Array<ArrayBuffer> | undefined {
  const der: unknown = keys.exports().key_to_der(liveHandle(key), key.type === "private");
  // Anything but an object is a refusal of the wasm: the key has no DER form.
  return typeof der === "object" && der !== null ? (der as Uint8Array<ArrayBuffer>) : undefined;
}
