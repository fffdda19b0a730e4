// Keys of the wasm lent to WebCrypto, for asynchronous calls. In browsers and Workers WebCrypto is many times as fast
// as the wasm, and in Node it has threads.

import { factsOf } from "./algorithms.js";
import { isForced, mayUse } from "./backend.js";
import { derOf } from "./exported.js";
import { hasNodeCrypto } from "./host.js";
import type { Key } from "./key.js";
import { isLendable } from "./key-fit.js";
import { type ImportParameters, importParameters } from "./webcrypto.js";

/** The imports of each key, by algorithm: null where WebCrypto refused it. */
const lent = new WeakMap<Key, Map<string, Promise<CryptoKey | null>>>();

/**
 * The key as WebCrypto has it. Undefined where WebCrypto is not asked, and a promise of null where it refuses the key.
 * The wasm has judged the key and its restrictions by then, so behaviour does not depend on the host.
 */
export function lentKey(key: Key, alg: string): Promise<CryptoKey | null> | undefined {
  const known = lent.get(key)?.get(alg);
  // Whether WebCrypto is worth it depends on how many calls are under way, so it is checked for an imported key too.
  if (known !== undefined) return isWorthwhile(key, alg) ? known : undefined;
  const parameters = importParameters(alg, key.type);
  if (parameters === undefined || !isLendable(key, alg) || !isWorthwhile(key, alg)) return undefined;
  const byAlgorithm = lent.get(key) ?? new Map<string, Promise<CryptoKey | null>>();
  const imported = importKey(key, parameters);
  lent.set(key, byAlgorithm.set(alg, imported));
  return imported;
}

async function importKey(key: Key, parameters: ImportParameters): Promise<CryptoKey | null> {
  const der = derOf(key);
  if (der === undefined) return null;
  const [format, usage] = key.type === "private" ? (["pkcs8", "sign"] as const) : (["spki", "verify"] as const);
  try {
    // Not extractable, and for one use: the host gets no more than the operation needs.
    return await crypto.subtle.importKey(format, der, parameters, false, [usage]);
  } catch {
    // A host may lack the algorithm or the curve, or refuse the key; the wasm serves it then.
    return null;
  } finally {
    der.fill(0);
  }
}

/** Whether WebCrypto is the faster way. */
function isWorthwhile({ type }: Key, alg: string): boolean {
  if (!mayUse("webcrypto") || (globalThis as { crypto?: Crypto }).crypto?.subtle === undefined) return false;
  if (isForced("webcrypto")) return true;
  return hasNodeCrypto() ? isForThreads(type) : factsOf(alg)?.lent === "all";
}

/**
 * Whether an operation is one for the threads of WebCrypto, in a host that also has synchronous cryptography. That is
 * faster for one call after another, and threads are faster for many key pairs' calls at once. HMAC is over before a
 * thread has begun.
 */
export function isForThreads(type: Key["type"]): boolean {
  return mayUse("webcrypto") && type !== "secret" && isCrowded();
}

/** From this many calls in one turn of the event loop, threads are worth their overhead. */
const CROWD = 3;
let calls = 0;

function isCrowded(): boolean {
  if (calls === 0) {
    // The microtask runs after the synchronous code of this turn, so `calls` counts what was started together.
    queueMicrotask(() => {
      calls = 0;
    });
  }
  calls += 1;
  return calls >= CROWD;
}
