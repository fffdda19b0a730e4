// Key pairs of every family through the public API, in wasm, against npm jsonwebtoken and jose where they know the algorithm.

import { generateKeyPairSync } from "node:crypto";

import { jwtVerify, SignJWT } from "jose";
import original from "jsonwebtoken";
import tandem from "tandem-jwt";

import { race, show } from "./rounds.mjs";

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = namedCurve => () => generateKeyPairSync("ec", { namedCurve });
const ed25519 = () => generateKeyPairSync("ed25519");
const mldsa = parameterSet => () => generateKeyPairSync(parameterSet);

/** A way to make a key, and who else signs with it. */
const algorithms = {
  RS256: { make: rsa, jsonwebtoken: true, jose: true },
  PS256: { make: rsa, jsonwebtoken: true, jose: true },
  ES256: { make: ec("P-256"), jsonwebtoken: true, jose: true },
  ES384: { make: ec("P-384"), jsonwebtoken: true, jose: true },
  ES512: { make: ec("P-521"), jsonwebtoken: true, jose: true },
  ES256K: { make: ec("secp256k1") },
  EdDSA: { make: ed25519, jose: true },
  "ML-DSA-44": { make: mldsa("ml-dsa-44") },
  "ML-DSA-65": { make: mldsa("ml-dsa-65") },
  "ML-DSA-87": { make: mldsa("ml-dsa-87") },
};

const payload = { sub: "248289761001", name: "Jane Doe", roles: ["user", "admin"], tenant: "acme" };

export async function run() {
  for (const [algorithm, { make, ...others }] of Object.entries(algorithms)) {
    let pair;
    try {
      pair = make();
    } catch {
      console.log(`\n${algorithm}: this runtime makes no such key`);
      continue;
    }
    const { privateKey, publicKey } = pair;
    const signing = { algorithm, expiresIn: "1h" };
    const checking = { algorithms: [algorithm] };
    const token = tandem.sign(payload, privateKey, signing);
    const verify = { "tandem-jwt": () => tandem.verify(token, publicKey, checking) };
    const sign = { "tandem-jwt": () => tandem.sign(payload, privateKey, signing) };
    if (others.jsonwebtoken) {
      verify["jsonwebtoken, KeyObject"] = () => original.verify(token, publicKey, checking);
      sign["jsonwebtoken, KeyObject"] = () => original.sign(payload, privateKey, signing);
    }
    if (others.jose) {
      verify["jose, in sequence"] = () => jwtVerify(token, publicKey, checking);
      sign["jose, in sequence"] = () =>
        new SignJWT(payload).setProtectedHeader({ alg: algorithm, typ: "JWT" }).setIssuedAt().setExpirationTime("1h").sign(privateKey);
    }
    show(`${algorithm} verify`, await race(verify));
    show(`${algorithm} sign`, await race(sign));
  }
}
