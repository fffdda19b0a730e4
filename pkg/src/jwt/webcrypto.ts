// Keys that the host's WebCrypto holds, and perhaps never gives out. WebCrypto signs and verifies with them; all else
// is done here.

import { encodeBase64url } from "../core/base64.js";
import { TextEncoder } from "../core/text.js";
import { algorithmsWhere, factsOf } from "./algorithms.js";
import { hasNodeCrypto } from "./host.js";
import type { Key } from "./key.js";

type Description = Pick<Key, "type" | "asymmetricKeyType" | "asymmetricKeyDetails"> & { readonly crypto: CryptoKey };

/** How WebCrypto is told what a key is. */
export type ImportParameters = RsaHashedImportParams | EcKeyImportParams | { readonly name: string };

/** How a key is imported for an algorithm; undefined where it is not lent out. */
export function importParameters(alg: string, type: Key["type"]): ImportParameters | undefined {
  const { webCrypto: name, bits, curve, lent } = factsOf(alg) ?? {};
  if (name === undefined || lent === undefined) return undefined;
  // Signatures are the same everywhere, and verdicts are not.
  if (lent === "node" && type === "public" && !hasNodeCrypto()) return undefined;
  // Ed25519 has no parameters.
  if (bits === undefined) return { name };
  return curve ? { name, namedCurve: curve.jwk } : { name, hash: `SHA-${bits}` };
}

/** Whether a value is a WebCrypto key, of this realm or another. */
export function isCryptoKey(value: object): value is CryptoKey {
  return Object.prototype.toString.call(value) === "[object CryptoKey]";
}

/** The key described like Node's `KeyObject`, so that one set of rules serves both. */
export function describeCryptoKey(key: CryptoKey): Description {
  const { name, namedCurve, modulusLength } = parameters(key);
  const description = { type: key.type, crypto: key };
  if (name === "HMAC") return description;
  if (name === "ECDSA") {
    const [alg = ""] = servedBy(key);
    const curve = factsOf(alg)?.curve?.node ?? namedCurve ?? "unknown";
    return { ...description, asymmetricKeyType: "ec", asymmetricKeyDetails: { namedCurve: curve } };
  }
  // A CryptoKey for PSS is `rsa` too: unlike Node's `rsa-pss` it has no parameters, and `servedBy` knows its scheme.
  if (name.startsWith("RSA"))
    return { ...description, asymmetricKeyType: "rsa", asymmetricKeyDetails: { modulusLength: modulusLength ?? 0 } };
  return { ...description, asymmetricKeyType: name.toLowerCase() };
}

const served = new WeakMap<CryptoKey, readonly string[]>();

/** The algorithms that a key serves. Unlike other keys, a CryptoKey is bound to one hash function. */
export function servedBy(key: CryptoKey): readonly string[] {
  const known = served.get(key) ?? algorithmsFor(key);
  served.set(key, known);
  return known;
}

function algorithmsFor(key: CryptoKey): readonly string[] {
  const { name, hash, namedCurve } = parameters(key);
  return algorithmsWhere(
    ({ webCrypto, bits, curve }) =>
      webCrypto === name &&
      (hash === undefined || hash.name === `SHA-${bits}`) &&
      (namedCurve === undefined || namedCurve === curve?.jwk),
  );
}

/** How many operations WebCrypto has done, for tests that are about it. */
export const webcryptoCounts = { sign: 0, verify: 0 };

/** The signature of a token's first two parts, encoded. */
export async function signByHost(key: CryptoKey, alg: string, signingInput: string): Promise<string> {
  webcryptoCounts.sign += 1;
  const signature = await crypto.subtle.sign(OPERATIONS.get(alg)!, key, encoder.encode(signingInput));
  return encodeBase64url(new Uint8Array(signature));
}

/** Whether a signature is right. HMAC is compared by the host, in constant time. */
export function verifyByHost(
  key: CryptoKey,
  alg: string,
  signature: Uint8Array<ArrayBuffer>,
  signingInput: string,
): Promise<boolean> {
  webcryptoCounts.verify += 1;
  return crypto.subtle.verify(OPERATIONS.get(alg)!, key, signature, encoder.encode(signingInput));
}

type Operation = AlgorithmIdentifier | RsaPssParams | EcdsaParams;

/** The parameters of each algorithm, made once. Reading them off a key would make an object each time. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  algorithmsWhere(({ webCrypto }) => webCrypto !== undefined).map((alg) => [alg, operationOf(alg)]),
);

function operationOf(alg: string): Operation {
  const { webCrypto: name = "", bits = 0 } = factsOf(alg)!;
  // The salt of a JWS is as long as its hash (RFC 7518 §3.5).
  if (name === "RSA-PSS") return { name, saltLength: bits / 8 };
  return name === "ECDSA" ? { name, hash: `SHA-${bits}` } : { name };
}

const encoder = new TextEncoder();

function parameters(key: CryptoKey): {
  name: string;
  hash?: { name: string };
  namedCurve?: string;
  modulusLength?: number;
} {
  // The types of WebCrypto describe each family apart; the members read here are the union of all.
  return key.algorithm;
}
