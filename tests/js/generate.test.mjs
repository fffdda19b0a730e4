import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { test } from "node:test";

import { calculateJwkThumbprint } from "jose";
import jwt, { generateKey, thumbprint } from "tandem-jwt";
import { keys } from "../../pkg/dist/cjs/core/keys.js";
import { ALGORITHMS } from "../../pkg/dist/cjs/jwt/algorithms.js";

const payload = { sub: "ada", iat: 1 };
const HMAC = ["HS256", "HS384", "HS512"];
const NODE_LACKS = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];

test("the names are those of the wasm, number by number", () => {
  assert.deepEqual(
    ALGORITHMS.map((_, number) => keys.exports().algorithm_name(number)),
    ALGORITHMS,
  );
  assert.equal(keys.exports().algorithm_name(ALGORITHMS.length), undefined);
});

for (const algorithm of HMAC) {
  test(`${algorithm}: a secret`, () => {
    const { jwk } = generateKey(algorithm);
    assert.equal(Buffer.from(jwk.k, "base64url").length, Number(algorithm.slice(2)) / 8);
    assert.deepEqual([jwk.kty, jwk.alg], ["oct", algorithm]);
    assert.deepEqual(jwt.verify(jwt.sign(payload, jwk, { algorithm }), jwk), payload);
    assert.notEqual(generateKey(algorithm).jwk.k, jwk.k);
  });
}

for (const algorithm of ALGORITHMS.filter((name) => !HMAC.includes(name))) {
  test(`${algorithm}: a pair, in both spellings`, async () => {
    const { privateKey, publicKey, privateJwk, publicJwk } = generateKey(algorithm);
    for (const signer of [privateKey, privateJwk]) {
      for (const verifier of [publicKey, publicJwk, privateJwk]) {
        assert.deepEqual(jwt.verify(jwt.sign(payload, signer, { algorithm }), verifier), payload);
      }
    }
    const token = jwt.sign(payload, privateKey, { algorithm });
    const other = generateKey(algorithm).publicKey;
    assert.throws(() => jwt.verify(token, other), { message: "invalid signature" });
    assert.throws(() => jwt.sign(payload, publicKey, { algorithm }), {
      message: `secretOrPrivateKey must be an asymmetric key when using ${algorithm}`,
    });
    assert.ok(!("d" in publicJwk) && !("priv" in publicJwk));
    assert.equal(publicJwk.alg, algorithm);
    assert.equal(publicJwk.kid, thumbprint(publicKey));
    assert.equal(thumbprint(privateKey), thumbprint(publicJwk));
    if (NODE_LACKS.includes(algorithm)) return;
    assert.equal(publicJwk.kid, await calculateJwkThumbprint(publicJwk));
    assert.equal(createPrivateKey(privateKey).asymmetricKeyType, createPublicKey(publicKey).asymmetricKeyType);
    assert.deepEqual(
      jwt.verify(jwt.sign(payload, createPrivateKey(privateKey), { algorithm }), createPublicKey(publicKey)),
      payload,
    );
  });
}

test("what makes no key", () => {
  for (const algorithm of ["none", "", "ES1", undefined])
    assert.throws(() => generateKey(algorithm), { code: "ERR_JWT_ALGORITHM" });
  for (const modulusLength of [1024, 2048.5, 1e6, "2048"])
    assert.throws(() => generateKey("RS256", { modulusLength }), { code: "ERR_JWT_OPTIONS" });
  assert.throws(() => thumbprint(5), { code: "ERR_KEY_INVALID" });
});
