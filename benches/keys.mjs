// Keys and tokens for every algorithm, as plain values that can be sent to a page, a Worker or another runtime.

import { generateKeyPairSync } from "node:crypto";

import { generateKey, sign } from "tandem-jwt";

const rsa = (modulusLength) => pairOfHost("rsa", { modulusLength });
const ec = (namedCurve) => pairOfHost("ec", { namedCurve });

/** How to make a key for each algorithm, given the size of an RSA key. */
export const ALGORITHMS = {
  HS256: secret,
  HS384: secret,
  HS512: secret,
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: () => ec("P-256"),
  ES384: () => ec("P-384"),
  ES512: () => ec("P-521"),
  ES256K: () => ec("secp256k1"),
  EdDSA: () => pairOfHost("ed25519", {}),
  // Node makes these from version 24 on.
  "ML-DSA-44": () => ownPair("ML-DSA-44"),
  "ML-DSA-65": () => ownPair("ML-DSA-65"),
  "ML-DSA-87": () => ownPair("ML-DSA-87"),
};

/** 206 bytes of JSON once `iat` and `exp` are in. */
export const payload = {
  sub: "248289761001",
  name: "Jane Doe",
  email: "janedoe@example.com",
  roles: ["user", "admin"],
  tenant: "acme",
  sid: "08a5019c-17e1-4977-8f42-65a12843ea02",
};

/** Key, key set of two, and tokens that are good for a day; the one for the set says which of its keys it wants. */
export function material(algorithm, bits = 2048) {
  const key = ALGORITHMS[algorithm](bits);
  const named = { kid: "bench", alg: algorithm };
  const token = sign(payload, key.privateText, { algorithm, expiresIn: "1d" });
  if (key.publicJwk.kty === "oct") return { algorithm, payload, token, ...key };
  const tokenForSet = sign(payload, key.privateText, { algorithm, keyid: named.kid, expiresIn: "1d" });
  // A set has more keys than one, and the right one is seldom the first.
  const other = ALGORITHMS[algorithm](bits).publicJwk;
  const publicJwk = { ...key.publicJwk, ...named };
  const jwks = { keys: [{ ...other, ...named, kid: "other" }, publicJwk] };
  const privateJwk = { ...key.privateJwk, ...named };
  return { algorithm, bits, payload, token, tokenForSet, ...key, publicJwk, privateJwk, jwks };
}

function secret() {
  const text = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  const jwk = { kty: "oct", k: Buffer.from(text).toString("base64url") };
  return { publicText: text, privateText: text, publicJwk: jwk, privateJwk: jwk };
}

function pairOfHost(type, options) {
  const { privateKey, publicKey } = generateKeyPairSync(type, options);
  return {
    publicText: publicKey.export({ format: "pem", type: "spki" }),
    privateText: privateKey.export({ format: "pem", type: "pkcs8" }),
    publicJwk: publicKey.export({ format: "jwk" }),
    privateJwk: privateKey.export({ format: "jwk" }),
  };
}

function ownPair(algorithm) {
  const { privateKey, publicKey, privateJwk, publicJwk } = generateKey(algorithm);
  return { publicText: publicKey, privateText: privateKey, publicJwk, privateJwk };
}
