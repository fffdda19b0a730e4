// A public JWK as PEM text (RFC 5280 §4.1.2.7), for libraries that take no JWK.

import { keysError } from "./errors.js";
import type { SetKey, VerificationKey } from "./key-set.js";

// Object identifiers in DER. That of RSA has its NULL parameters behind it, which RFC 3279 section 2.3.1 demands.
const RSA = "06092a864886f70d0101010500";
const EC = "06072a8648ce3d0201";
const CURVES: Readonly<Record<string, string>> = {
  "P-256": "06082a8648ce3d030107",
  "P-384": "06052b81040022",
  "P-521": "06052b81040023",
  secp256k1: "06052b8104000a",
  Ed25519: "06032b6570",
};

/** The text of each key object. A `KeySet` keeps the object of a key that has not changed, so the text is made once. */
const texts = new WeakMap<SetKey, string>();

/** The PEM text of a key; that of a certificate is its own. */
export function toPem(key: VerificationKey): string {
  if (typeof key === "string") return key;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = `-----BEGIN PUBLIC KEY-----\n${wrapped(spki(key))}\n-----END PUBLIC KEY-----\n`;
  texts.set(key, text);
  return text;
}

/** SubjectPublicKeyInfo: the algorithm, then the key in a BIT STRING, whose first byte counts the bits to leave out. */
function spki(key: SetKey): Uint8Array {
  if (key.kty === "RSA") {
    const numbers = der(0x30, [...integer(bytes(key.n)), ...integer(bytes(key.e))]);
    return Uint8Array.from(der(0x30, [...der(0x30, hex(RSA)), ...der(0x03, [0, ...numbers])]));
  }
  const curve = key.crv !== undefined && Object.hasOwn(CURVES, key.crv) ? CURVES[key.crv] : undefined;
  if (curve === undefined) throw keysError("ERR_KEY_UNSUPPORTED", "this kind of key has no PEM form here");
  const edwards = key.kty === "OKP";
  // Ed25519 has no parameters: its identifier says all (RFC 8410 section 3).
  const algorithm = der(0x30, edwards ? hex(curve) : [...hex(EC), ...hex(curve)]);
  // 4 stands for a point with both coordinates (RFC 5480 section 2.2).
  const point = edwards ? bytes(key.x) : [4, ...bytes(key.x), ...bytes(key.y)];
  return Uint8Array.from(der(0x30, [...algorithm, ...der(0x03, [0, ...point])]));
}

/** A value with its tag and length. Two bytes of length are enough, because `bytes` bounds what a key can hold. */
function der(tag: number, content: number[]): number[] {
  const { length } = content;
  if (length < 0x80) return [tag, length, ...content];
  return length < 0x100 ? [tag, 0x81, length, ...content] : [tag, 0x82, length >> 8, length & 0xff, ...content];
}

/** A positive integer: a first bit of 1 would be a sign, so a zero goes before it. */
function integer(number: number[]): number[] {
  return der(0x02, (number[0] ?? 0) >= 0x80 ? [0, ...number] : number);
}

function hex(text: string): number[] {
  return (text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

/**
 * The bytes of a member in base64url. Throws an `ERR_KEY_INVALID` for anything else, and for more than a key of 24,576
 * bits has.
 */
function bytes(text: string | undefined): number[] {
  if (text === undefined || text.length > 4096 || !/^[\w-]+$/.test(text))
    throw keysError("ERR_KEY_INVALID", "a member of the key is not base64url");
  return Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
}

function wrapped(content: Uint8Array): string {
  return (btoa(String.fromCharCode(...content)).match(/.{1,64}/g) ?? []).join("\n");
}
