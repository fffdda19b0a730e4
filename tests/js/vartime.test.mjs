// Tokens that node:crypto signed, verified in the wasm: RSA of many sizes, four curves, whole and with a bit bent.
//
// Keys and bent bits are fresh in each run. `TANDEM_DEEP=1` makes 100,000 tokens of each family.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { test } from "node:test";
import jwt, { setBackend } from "tandem-jwt";

// The host would verify these itself.
setBackend("wasm");

const cases = process.env.TANDEM_DEEP === "1" ? 100_000 : 200;

const signers = {
  RS256: (input, key) => crypto.sign("sha256", input, key),
  RS512: (input, key) => crypto.sign("sha512", input, key),
  PS256: (input, key) =>
    crypto.sign("sha256", input, { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  PS384: (input, key) =>
    crypto.sign("sha384", input, { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }),
  ES256: (input, key) => crypto.sign("sha256", input, { key, dsaEncoding: "ieee-p1363" }),
  ES384: (input, key) => crypto.sign("sha384", input, { key, dsaEncoding: "ieee-p1363" }),
  ES512: (input, key) => crypto.sign("sha512", input, { key, dsaEncoding: "ieee-p1363" }),
  ES256K: (input, key) => crypto.sign("sha256", input, { key, dsaEncoding: "ieee-p1363" }),
};

function token(alg, privateKey, claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg, typ: "JWT" })}.${part(claims)}`;
  return [input, signers[alg](Buffer.from(input), privateKey)];
}

const written = (input, signature) => `${input}.${signature.toString("base64url")}`;

function check(alg, { publicKey, privateKey }, count) {
  const pem = publicKey.export({ type: "spki", format: "pem" });
  const options = { algorithms: [alg], allowInsecureKeySizes: true };
  for (let i = 0; i < count; i++) {
    const [input, signature] = token(alg, privateKey, { i });
    assert.equal(jwt.verify(written(input, signature), pem, options).i, i);
    const bent = Buffer.from(signature);
    bent[crypto.randomInt(bent.length)] ^= 1 << crypto.randomInt(8);
    const detail = `${pem}${written(input, bent)}`;
    assert.throws(() => jwt.verify(written(input, bent), pem, options), { message: "invalid signature" }, detail);
  }
}

// 2041 is 1 modulo 8: a PSS block there is a byte shorter than the modulus.
for (const modulusLength of [1024, 2041, 2048, 2049, 3072, 4096]) {
  const pair = crypto.generateKeyPairSync("rsa", { modulusLength });
  for (const alg of ["RS256", "RS512", "PS256", "PS384"]) {
    test(`${alg}, ${modulusLength} bits`, () => check(alg, pair, Math.ceil(cases / 24)));
  }
}

for (const publicExponent of [3, 17, 0x1_0001]) {
  test(`RS256, exponent ${publicExponent}`, () => {
    check("RS256", crypto.generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent }), 4);
  });
}

for (const [alg, namedCurve, order] of [
  ["ES256", "P-256", 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n],
  [
    "ES384",
    "P-384",
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ],
  [
    "ES512",
    "P-521",
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  ],
  ["ES256K", "secp256k1", 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n],
]) {
  test(alg, () => {
    for (let i = 0; i < cases / 10; i++) {
      check(alg, crypto.generateKeyPairSync("ec", { namedCurve }), 10);
    }
  });

  test(`${alg}: r and s at the ends of their range`, () => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve });
    const [input, signature] = token(alg, privateKey, {});
    const len = signature.length / 2;
    const [r, s] = [signature.subarray(0, len), signature.subarray(len)];
    const bytes = (number) => Buffer.from(number.toString(16).padStart(2 * len, "0"), "hex");
    const options = { algorithms: [alg] };
    const pem = publicKey.export({ type: "spki", format: "pem" });
    // The other value of s is right too.
    jwt.verify(written(input, Buffer.concat([r, bytes(order - BigInt(`0x${s.toString("hex")}`))])), pem, options);
    for (const bad of [0n, 1n, order - 1n, order, order + 1n, 2n ** BigInt(8 * len) - 1n]) {
      for (const pair of [
        [r, bytes(bad)],
        [bytes(bad), s],
        [bytes(bad), bytes(bad)],
      ]) {
        assert.throws(() => jwt.verify(written(input, Buffer.concat(pair)), pem, options), /invalid signature/);
      }
    }
  });
}
