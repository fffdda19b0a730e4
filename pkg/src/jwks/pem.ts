// A public JWK as PEM text (RFC 5280 §4.1.2.7), for libraries that take no JWK.

import { keysError } from "./errors.js";
import type { SetKey, VerificationKey } from "./key-set.js";

const RSA = "06092a864886f70d0101010500";
const EC = "06072a8648ce3d0201";
const CURVES: Readonly<Record<string, string>> = {
  "P-256": "06082a8648ce3d030107",
  "P-384": "06052b81040022",
  "P-521": "06052b81040023",
  secp256k1: "06052b8104000a",
  Ed25519: "06032b6570",
};

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

function spki(key: SetKey): Uint8Array {
  if (key.kty === "RSA") {
    const numbers = der(0x30, [...integer(bytes(key.n)), ...integer(bytes(key.e))]);
    return Uint8Array.from(der(0x30, [...der(0x30, hex(RSA)), ...der(0x03, [0, ...numbers])]));
  }
  const curve = key.crv !== undefined && Object.hasOwn(CURVES, key.crv) ? CURVES[key.crv] : undefined;
  if (curve === undefined) throw keysError("ERR_KEY_UNSUPPORTED", "this kind of key has no PEM form here");
  const edwards = key.kty === "OKP";
  const algorithm = der(0x30, edwards ? hex(curve) : [...hex(EC), ...hex(curve)]);
  const point = edwards ? bytes(key.x) : [4, ...bytes(key.x), ...bytes(key.y)];
  return Uint8Array.from(der(0x30, [...algorithm, ...der(0x03, [0, ...point])]));
}

function der(tag: number, content: number[]): number[] {
  const { length } = content;
  if (length < 0x80) return [tag, length, ...content];
  return length < 0x100 ? [tag, 0x81, length, ...content] : [tag, 0x82, length >> 8, length & 0xff, ...content];
}

/** A positive integer: a first bit of 1 would be a sign. */
function integer(number: number[]): number[] {
  return der(0x02, (number[0] ?? 0) >= 0x80 ? [0, ...number] : number);
}

function hex(text: string): number[] {
  return (text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

function bytes(text: string | undefined): number[] {
  if (text === undefined || text.length > 4096 || !/^[\w-]+$/.test(text))
    throw keysError("ERR_KEY_INVALID", "a member of the key is not base64url");
  return Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
}

function wrapped(content: Uint8Array): string {
  return (btoa(String.fromCharCode(...content)).match(/.{1,64}/g) ?? []).join("\n");
}
