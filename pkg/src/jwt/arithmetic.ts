// Signing and verifying with key pairs: by the host's own cryptography where that is faster, else by the wasm.

import { decodeBase64, encodeBase64url } from "../core/base64.js";
import { keys } from "../core/keys.js";
import { signByNode, verifyByNode } from "./host.js";
import type { Key } from "./key.js";
import { lentKey } from "./lent-keys.js";
import type { Arithmetic } from "./pairs.js";
import { servedBy, signByHost, verifyByHost } from "./webcrypto.js";

export const arithmetic: Arithmetic = {
  tokenByHost,
  sign: (number, algorithm, headLength, rest) => keys.exports().any_sign(number, algorithm, headLength, rest),
  judgedByHost,
  matches: (number, algorithm, length) => keys.exports().any_matches(number, algorithm, length),
  servedBy,
  lent: lentKey,
  signByCrypto: signByHost,
  verifyByCrypto: verifyByHost,
};

function tokenByHost(head: Uint8Array, body: Uint8Array, alg: string, key: Key): string | undefined {
  if (typeof Buffer === "undefined" || typeof Buffer.prototype?.latin1Slice !== "function") return undefined;
  if (head.length + body.length > MAX_SIGNED_BY_HOST) return undefined;
  const input = `${encodeBase64url(head)}.${encodeBase64url(body)}`;
  const signature = signByNode(key, alg, Buffer.from(input, "latin1"));
  return signature && `${input}.${encodeBase64url(signature)}`;
}

/** Larger payloads go through the wasm, whose limits then decide. */
const MAX_SIGNED_BY_HOST = 1 << 20;

function judgedByHost(key: Key, alg: string, signingInput: string, signature: string): boolean | undefined {
  if (typeof Buffer === "undefined") return undefined;
  return verifyByNode(key, alg, Buffer.from(signingInput, "latin1"), decodeBase64(signature));
}
