// Signs and verifies for callers that already have the parts of a token: by the host's synchronous cryptography,
// WebCrypto or the wasm, whichever is fastest here. The wasm has judged the key by then, so all three give the same
// answer.

import { decodeBase64 } from "../core/base64.js";
import { ALGORITHMS } from "./algorithms.js";
import { arithmetic } from "./arithmetic.js";
import type { Key, Purpose } from "./key.js";
import { keyError, noMaterial } from "./key-fit.js";
import type { HeldKey } from "./keys.js";
import { lentKey } from "./lent-keys.js";
import { isKey } from "./owned-keys.js";
import { isCanonical } from "./parse.js";
import { reader } from "./reader.js";
import { matches } from "./signature.js";
import { signByHost, verifyByHost } from "./webcrypto.js";

/** Signs `input`, the first two parts of a token with a dot between them, and returns the token. */
export async function signInput(input: string, alg: string, held: HeldKey): Promise<string> {
  const lent = await lentKey(keyIn(held, "sign", alg), alg);
  if (lent) return `${input}.${await signByHost(lent, alg, input)}`;
  const [header, payload] = input.split(".").map(decodeBase64) as [Uint8Array, Uint8Array];
  // Other calls may have driven the key out of its cache meanwhile.
  return arithmetic.signParts(header, payload, alg, keyIn(held, "sign", alg));
}

/** Whether a token is signed by a key, a public one, that may serve the algorithm. */
export async function isSignedBy(token: string, alg: string, held: HeldKey | object): Promise<boolean> {
  const end = token.lastIndexOf(".");
  const signature = token.slice(end + 1);
  if (!isCanonical(signature)) return false;
  const lent = await lentKey(keyIn(held, "verify", alg), alg);
  if (!lent) return matches(token, ALGORITHMS.indexOf(alg), keyIn(held, "verify", alg), {});
  return verifyByHost(lent, alg, decodeBase64(signature), token.slice(0, end));
}

/** Imports a key where it will be lent out, so that the first signature does not wait for that. */
export async function ready(held: HeldKey, alg: string): Promise<void> {
  await lentKey(keyIn(held, "sign", alg), alg);
}

function keyIn(held: HeldKey | object, purpose: Purpose, alg: string): Key {
  // `isNamed`: the caller has fixed the algorithm, so no stranger's header chooses one.
  const key = reader.keyOf(held, purpose, { kid: undefined, algorithm: ALGORITHMS.indexOf(alg), isNamed: true });
  if (!isKey(key)) throw keyError(noMaterial("the key", key), key.code);
  return key;
}
