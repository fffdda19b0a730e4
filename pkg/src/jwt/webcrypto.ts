// Keys that the host's WebCrypto holds, perhaps without ever giving them out: it signs and verifies, the rest is ours.

import { encodeBase64url } from "../core/base64.js";
import { TextEncoder } from "../core/text.js";
import type { Key } from "./key.js";

type Description = Pick<Key, "type" | "asymmetricKeyType" | "asymmetricKeyDetails"> & { readonly crypto: CryptoKey };

const CURVES = new Map([
  ["P-256", { namedCurve: "prime256v1", alg: "ES256" }],
  ["P-384", { namedCurve: "secp384r1", alg: "ES384" }],
  ["P-521", { namedCurve: "secp521r1", alg: "ES512" }],
]);

/** How a key is imported for an algorithm; undefined for those that WebCrypto lacks. */
export function importParameters(alg: string): RsaHashedImportParams | EcKeyImportParams | undefined {
  const hash = `SHA-${alg.slice(-3)}`;
  switch (alg) {
    case "RS256":
    case "RS384":
    case "RS512":
      return { name: "RSASSA-PKCS1-v1_5", hash };
    case "PS256":
    case "PS384":
    case "PS512":
      return { name: "RSA-PSS", hash };
    case "ES256":
      return { name: "ECDSA", namedCurve: "P-256" };
    case "ES384":
      return { name: "ECDSA", namedCurve: "P-384" };
    case "ES512":
      return { name: "ECDSA", namedCurve: "P-521" };
    default:
      return undefined;
  }
}

/** Whether a value is a WebCrypto key, of this realm or another. */
export function isCryptoKey(value: object): value is CryptoKey {
  return Object.prototype.toString.call(value) === "[object CryptoKey]";
}

/** The key in the words of Node's `KeyObject`, so that one set of rules serves both. */
export function describeCryptoKey(key: CryptoKey): Description {
  const { name, namedCurve, modulusLength } = parameters(key);
  const description = { type: key.type, crypto: key };
  if (name === "HMAC") return description;
  if (name === "ECDSA") {
    const curve = CURVES.get(namedCurve ?? "")?.namedCurve ?? namedCurve ?? "unknown";
    return { ...description, asymmetricKeyType: "ec", asymmetricKeyDetails: { namedCurve: curve } };
  }
  if (name.startsWith("RSA"))
    return { ...description, asymmetricKeyType: "rsa", asymmetricKeyDetails: { modulusLength: modulusLength ?? 0 } };
  return { ...description, asymmetricKeyType: name.toLowerCase() };
}

/** The algorithms that a key serves: unlike other keys it is bound to its hash function. */
export function servedBy(key: CryptoKey): readonly string[] {
  const { name, hash, namedCurve } = parameters(key);
  const bits = hash?.name.slice(-3) ?? "";
  switch (name) {
    case "HMAC":
      return /^(?:256|384|512)$/.test(bits) ? [`HS${bits}`] : [];
    case "RSASSA-PKCS1-v1_5":
      return [`RS${bits}`];
    case "RSA-PSS":
      return [`PS${bits}`];
    case "ECDSA":
      return [CURVES.get(namedCurve ?? "")?.alg ?? ""];
    case "Ed25519":
      return ["EdDSA", "Ed25519"];
    default:
      return [];
  }
}

/** How many operations WebCrypto has done, for tests that are about it. */
export const webcryptoCounts = { sign: 0, verify: 0 };

/** The signature of a token's first two parts, encoded. */
export async function signByHost(key: CryptoKey, alg: string, signingInput: string): Promise<string> {
  webcryptoCounts.sign += 1;
  const signature = await crypto.subtle.sign(operation(key, alg), key, new TextEncoder().encode(signingInput));
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
  return crypto.subtle.verify(operation(key, alg), key, signature, new TextEncoder().encode(signingInput));
}

function operation(key: CryptoKey, alg: string): AlgorithmIdentifier | RsaPssParams | EcdsaParams {
  const { name } = key.algorithm;
  const bits = Number(alg.slice(-3));
  if (name === "RSA-PSS") return { name, saltLength: bits / 8 };
  return name === "ECDSA" ? { name, hash: `SHA-${bits}` } : { name };
}

function parameters(key: CryptoKey): {
  name: string;
  hash?: { name: string };
  namedCurve?: string;
  modulusLength?: number;
} {
  return key.algorithm;
}
