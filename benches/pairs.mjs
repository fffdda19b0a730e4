// Key pairs of every family through the public API, by the usual back end and in the wasm alone, against npm jsonwebtoken
// and jose where they know the algorithm.

import { generateKeyPairSync } from "node:crypto";

import { jwtVerify, SignJWT } from "jose";
import original from "jsonwebtoken";
import tandem, { generateKey, setBackend } from "tandem-jwt";

import { race, show } from "./rounds.mjs";

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = (namedCurve) => () => generateKeyPairSync("ec", { namedCurve });
const ed25519 = () => generateKeyPairSync("ed25519");
// Node makes these keys from version 24 on; ours are PEM, which is as fast: text is read once.
const mldsa = (algorithm) => () => generateKey(algorithm);

/** A way to make a key, and who else signs with it. */
const algorithms = {
  RS256: { make: rsa, jsonwebtoken: true, jose: true },
  RS384: { make: rsa },
  RS512: { make: rsa },
  PS256: { make: rsa, jsonwebtoken: true, jose: true },
  PS384: { make: rsa },
  PS512: { make: rsa },
  ES256: { make: ec("P-256"), jsonwebtoken: true, jose: true },
  ES384: { make: ec("P-384"), jsonwebtoken: true, jose: true },
  ES512: { make: ec("P-521"), jsonwebtoken: true, jose: true },
  ES256K: { make: ec("secp256k1") },
  EdDSA: { make: ed25519, jose: true },
  "ML-DSA-44": { make: mldsa("ML-DSA-44") },
  "ML-DSA-65": { make: mldsa("ML-DSA-65") },
  "ML-DSA-87": { make: mldsa("ML-DSA-87") },
};

const payload = { sub: "248289761001", name: "Jane Doe", roles: ["user", "admin"], tenant: "acme" };

const IN_WASM = "tandem-jwt, wasm alone";

/** A call whose arithmetic the wasm does. */
function inWasm(call) {
  return () => {
    setBackend("wasm");
    call();
    setBackend("auto");
  };
}

export async function run() {
  const ours = [];
  for (const [algorithm, { make, ...others }] of Object.entries(algorithms)) {
    const { privateKey, publicKey } = make();
    const signing = { algorithm, expiresIn: "1h" };
    const checking = { algorithms: [algorithm] };
    const token = tandem.sign(payload, privateKey, signing);
    const verify = { "tandem-jwt": () => tandem.verify(token, publicKey, checking) };
    const sign = { "tandem-jwt": () => tandem.sign(payload, privateKey, signing) };
    for (const call of [verify, sign]) call[IN_WASM] = inWasm(call["tandem-jwt"]);
    if (others.jsonwebtoken) {
      verify["jsonwebtoken, KeyObject"] = () => original.verify(token, publicKey, checking);
      sign["jsonwebtoken, KeyObject"] = () => original.sign(payload, privateKey, signing);
    }
    if (others.jose) {
      verify["jose, in sequence"] = () => jwtVerify(token, publicKey, checking);
      sign["jose, in sequence"] = () =>
        new SignJWT(payload)
          .setProtectedHeader({ alg: algorithm, typ: "JWT" })
          .setIssuedAt()
          .setExpirationTime("1h")
          .sign(privateKey);
    }
    const [verified, signed] = [await race(verify), await race(sign)];
    show(`${algorithm} verify`, verified);
    show(`${algorithm} sign`, signed);
    ours.push([algorithm, ...["tandem-jwt", IN_WASM].flatMap((by) => [verified[by], signed[by]])]);
  }
  console.log("\nus                verify      sign  and in wasm      sign");
  for (const [algorithm, ...times] of ours)
    console.log(`  ${algorithm.padEnd(11)}${times.map((us) => us.toFixed(0).padStart(10)).join("")}`);
}
