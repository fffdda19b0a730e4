// Without this package, a page or a Worker that verifies synchronously takes the curves of @noble/curves, and writes RSA by hand in
// ten lines of BigInt. Each contender takes a whole token and gives its payload.

import { ed25519 } from "@noble/curves/ed25519.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";

const utf8 = new TextEncoder();
const CURVES = { ES256: p256, ES384: p384, ES512: p521, ES256K: secp256k1 };

export const noble = {
  name: "@noble/curves",
  async verifying({ algorithm, token, publicJwk }) {
    const check = checkOfCurve(algorithm, publicJwk);
    return check === undefined ? [] : [{ mode: "sync", key: "prepared", call: () => verified(token, check) }];
  },
  async signing() {
    return [];
  },
};

export const bigInt = {
  name: "BigInt by hand",
  async verifying({ algorithm, token, publicJwk }) {
    if (!algorithm.startsWith("RS")) return [];
    const check = checkOfRsa(algorithm, publicJwk);
    return [{ mode: "sync", key: "prepared", call: () => verified(token, check) }];
  },
  async signing() {
    return [];
  },
};

function checkOfCurve(algorithm, { x, y }) {
  if (algorithm === "EdDSA") {
    const key = bytes(x);
    return (signature, input) => ed25519.verify(signature, input, key, { zip215: false });
  }
  const curve = CURVES[algorithm];
  if (curve === undefined) return undefined;
  const key = Uint8Array.of(4, ...bytes(x), ...bytes(y));
  return (signature, input) => curve.verify(signature, input, key, { lowS: false });
}

/** What stands before the digest in a signature of PKCS #1 v1.5 (RFC 8017 section 9.2, note 1). */
const DIGESTS = {
  RS256: [sha256, "3031300d060960864801650304020105000420"],
  RS384: [sha384, "3041300d060960864801650304020205000430"],
  RS512: [sha512, "3051300d060960864801650304020305000440"],
};

function checkOfRsa(algorithm, { n, e }) {
  const [modulus, exponent, length] = [number(bytes(n)), number(bytes(e)), bytes(n).length];
  const [hash, prefix] = DIGESTS[algorithm];
  return (signature, input) => {
    const tail = `00${prefix}${hex(hash(input))}`;
    const expected = BigInt(`0x01${"ff".repeat(length - 2 - tail.length / 2)}${tail}`);
    return signature.length === length && power(number(signature), exponent, modulus) === expected;
  };
}

function power(base, exponent, modulus) {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function verified(token, check) {
  const [header, payload, signature] = token.split(".");
  if (!check(bytes(signature), utf8.encode(`${header}.${payload}`))) throw new Error("invalid signature");
  const claims = JSON.parse(new TextDecoder().decode(bytes(payload)));
  if (claims.exp <= Date.now() / 1000) throw new Error("jwt expired");
  return claims;
}

function bytes(text) {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
}

const hex = (value) => Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
const number = (value) => BigInt(`0x${hex(value)}`);
