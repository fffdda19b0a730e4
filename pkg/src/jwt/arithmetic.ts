// Signing and verifying with key pairs: by the host's own cryptography where that is faster, else by the wasm.

import { decodeBase64, encodeBase64url } from "../core/base64.js";
import { keys } from "../core/keys.js";
import { ALGORITHMS } from "./algorithms.js";
import { signByNode, signByNodeFor, verifyByNode, verifyByNodeFor } from "./host.js";
import type { Key } from "./key.js";
import { isForThreads, lentKey } from "./lent-keys.js";
import { liveHandle } from "./owned-keys.js";
import type { Arithmetic } from "./pairs.js";
import { joined, tokenOf } from "./sign-parts.js";
import { servedBy, signByHost, verifyByHost } from "./webcrypto.js";

/** Travels with each key that `read-pairs.ts` reads, so `tandem-jwt/lite`, which reads no pairs, imports none of it. */
export const arithmetic: Arithmetic = {
  signParts,
  judgedByHost,
  matches: (number, algorithm, length) => keys.exports().any_matches(number, algorithm, length),
  servedBy,
  lent: lentKey,
  signAtOnce,
  judgedAtOnce,
  signByCrypto: signByHost,
  verifyByCrypto: verifyByHost,
};

function signParts(head: Uint8Array, body: Uint8Array, alg: string, key: Key): string {
  const signed = tokenByNode(head, body, alg, key);
  if (signed !== undefined) return signed;
  const number = liveHandle(key);
  const { length } = head;
  const both = joined(head, body);
  return tokenOf(keys, () =>
    // `writeBytes` returns the length of both parts; without the header's share it is the length of the payload.
    keys.exports().any_sign(number, ALGORITHMS.indexOf(alg), length, keys.buffers.writeBytes(both) - length),
  );
}

/** The whole token, signed by the host where it can. */
function tokenByNode(head: Uint8Array, body: Uint8Array, alg: string, key: Key): string | undefined {
  // Tests for the method and not for the host: bundlers add polyfills of `Buffer` that lack it.
  if (typeof Buffer === "undefined" || typeof Buffer.prototype?.latin1Slice !== "function") return undefined;
  if (head.length + body.length > MAX_SIGNED_BY_HOST) return undefined;
  const input = `${encodeBase64url(head)}.${encodeBase64url(body)}`;
  // base64url and a dot are ASCII, so latin1 gives the same bytes as UTF-8 and is quicker.
  const signature = signByNode(key, alg, Buffer.from(input, "latin1"));
  return signature && `${input}.${encodeBase64url(signature)}`;
}

/** Larger payloads go through the wasm, whose limits then decide. */
const MAX_SIGNED_BY_HOST = 1 << 20;

/** Callers check the spelling of `signature` first: the host's decoder passes over characters outside the alphabet. */
function judgedByHost(key: Key, alg: string, signingInput: string, signature: string): boolean | undefined {
  if (typeof Buffer === "undefined") return undefined;
  return verifyByNode(key, alg, Buffer.from(signingInput, "latin1"), decodeBase64(signature));
}

/** Undefined hands the work to WebCrypto, whose threads serve many calls at once. */
function signAtOnce(key: CryptoKey, alg: string, signingInput: string): string | undefined {
  if (typeof Buffer === "undefined" || isForThreads(key.type)) return undefined;
  const signature = signByNodeFor(key, alg, Buffer.from(signingInput, "latin1"));
  return signature && encodeBase64url(signature);
}

function judgedAtOnce(key: CryptoKey, alg: string, signature: Uint8Array, signingInput: string): boolean | undefined {
  if (typeof Buffer === "undefined" || isForThreads(key.type)) return undefined;
  return verifyByNodeFor(key, alg, Buffer.from(signingInput, "latin1"), signature);
}
