// Keys of every kind and form, with every algorithm, in npm jsonwebtoken and in tandem-jwt.

import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import original from "jsonwebtoken";
import tandem from "tandem-jwt";

const NOW = Math.floor(Date.now() / 1000);
const payload = { sub: "ada", name: "Ada é", iat: NOW };

const pss = (hash, saltLength) => ({ modulusLength: 2048, hashAlgorithm: hash, mgf1HashAlgorithm: hash, saltLength });
const pairs = {
  "rsa 2048": generateKeyPairSync("rsa", { modulusLength: 2048 }),
  "rsa 1024": generateKeyPairSync("rsa", { modulusLength: 1024 }),
  "rsa-pss": generateKeyPairSync("rsa-pss", { modulusLength: 2048 }),
  "rsa-pss sha256": generateKeyPairSync("rsa-pss", pss("sha256", 32)),
  "rsa-pss sha384, long salt": generateKeyPairSync("rsa-pss", pss("sha384", 64)),
  "P-256": generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
  "P-384": generateKeyPairSync("ec", { namedCurve: "secp384r1" }),
  "P-521": generateKeyPairSync("ec", { namedCurve: "secp521r1" }),
  secp256k1: generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
  ed25519: generateKeyPairSync("ed25519"),
  ed448: generateKeyPairSync("ed448"),
  x25519: generateKeyPairSync("x25519"),
};
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256"];

/** The spellings of a private key that Node reads without being told more. */
const privateForms = (key) => {
  const passphrase = "a passphrase";
  const forms = {
    KeyObject: key,
    "PKCS#8": key.export({ format: "pem", type: "pkcs8" }),
    Buffer: Buffer.from(key.export({ format: "pem", type: "pkcs8" })),
    "encrypted PKCS#8": {
      key: key.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase }),
      passphrase,
    },
    "wrong passphrase": {
      key: key.export({ format: "pem", type: "pkcs8", cipher: "aes-128-cbc", passphrase }),
      passphrase: "another",
    },
  };
  if (key.asymmetricKeyType === "rsa") {
    forms["PKCS#1"] = key.export({ format: "pem", type: "pkcs1" });
    forms["encrypted PKCS#1"] = {
      key: key.export({ format: "pem", type: "pkcs1", cipher: "aes-128-cbc", passphrase }),
      passphrase,
    };
  }
  if (key.asymmetricKeyType === "ec") forms["SEC 1"] = key.export({ format: "pem", type: "sec1" });
  return forms;
};

const publicForms = ({ publicKey, privateKey }) => {
  const forms = {
    KeyObject: publicKey,
    SPKI: publicKey.export({ format: "pem", type: "spki" }),
    Buffer: Buffer.from(publicKey.export({ format: "pem", type: "spki" })),
    "{ key }": { key: publicKey.export({ format: "pem", type: "spki" }) },
    "the private PEM": privateKey.export({ format: "pem", type: "pkcs8" }),
    "the private KeyObject": privateKey,
  };
  if (publicKey.asymmetricKeyType === "rsa") forms["PKCS#1"] = publicKey.export({ format: "pem", type: "pkcs1" });
  return forms;
};

const attempt = (call) => {
  try {
    return { value: call() };
  } catch (error) {
    return { error: { class: error.constructor.name, message: error.message } };
  }
};

/** Kinds of key that npm jsonwebtoken has no word for, and this package has. */
const isNewHere = (name) => ["ed25519", "secp256k1"].includes(name);

for (const [name, pair] of Object.entries(pairs)) {
  test(`sign with ${name}: the same token or the same error`, () => {
    let signed = 0;
    for (const [form, key] of Object.entries(privateForms(pair.privateKey))) {
      for (const algorithm of algorithms) {
        for (const allowInsecureKeySizes of name === "rsa 1024" ? [false, true] : [false]) {
          const options = { algorithm, allowInsecureKeySizes };
          const where = `${form}, ${algorithm}`;
          const theirs = attempt(() => original.sign(payload, key, options));
          const ours = attempt(() => tandem.sign(payload, key, options));
          if (ours.value === undefined || theirs.value === undefined) {
            const bothRefuse = ours.error && theirs.error;
            // OpenSSL's own words stay its own: a modulus that is too short for the hash.
            if (bothRefuse && (isNewHere(name) || theirs.error.message.startsWith("error:"))) continue;
            assert.deepEqual(ours, theirs, where);
            continue;
          }
          signed += 1;
          // PKCS#1 v1.5 leaves nothing to chance; the others draw, so each side judges the other's.
          if (algorithm.startsWith("RS")) assert.equal(ours.value, theirs.value, where);
          const verifying = { algorithms: [algorithm] };
          assert.deepEqual(original.verify(ours.value, pair.publicKey, verifying), payload, where);
          assert.deepEqual(tandem.verify(theirs.value, pair.publicKey, verifying), payload, where);
        }
      }
    }
    assert.equal(signed > 0, ["rsa 2048", "rsa 1024", "rsa-pss sha256", "P-256", "P-384", "P-521"].includes(name));
  });

  test(`verify with ${name}: the same result or the same error`, () => {
    const signers = { ...pairs, [name]: pair };
    const tokens = [];
    for (const algorithm of algorithms) {
      for (const key of [pair, signers["rsa 2048"], signers["P-256"]]) {
        const signed = attempt(() =>
          original.sign(payload, key.privateKey, { algorithm, allowInsecureKeySizes: true }),
        );
        if (signed.value) tokens.push(signed.value, `${signed.value.slice(0, -8)}AAAAAAAA`);
      }
    }
    tokens.push(original.sign(payload, "secret"));
    for (const [form, key] of Object.entries(publicForms(pair))) {
      for (const token of tokens) {
        for (const options of [undefined, { algorithms: ["RS256", "ES256", "PS256"] }, { algorithms: ["ES384"] }]) {
          const theirs = attempt(() => original.verify(token, key, options));
          const ours = attempt(() => tandem.verify(token, key, options));
          if (isNewHere(name) && ours.error && theirs.error) continue;
          assert.deepEqual(
            ours,
            theirs,
            `${form}, ${JSON.stringify(tandem.decode(token, { complete: true }).header)}, ${JSON.stringify(options)}`,
          );
        }
      }
    }
  });
}

test("a public key is never a secret, whatever stands before it", () => {
  const { publicKey } = pairs["rsa 2048"];
  const pem = publicKey.export({ format: "pem", type: "spki" });
  const jwk = JSON.stringify(publicKey.export({ format: "jwk" }));
  const forged = (secret) => original.sign(payload, createSecretKey(Buffer.from(secret)));
  for (const key of [
    pem,
    ` \n${pem}`,
    `\ufeff${pem}`,
    `x${pem}`,
    jwk,
    ` ${jwk}`,
    Buffer.from(pem),
    Buffer.from(` ${pem}`),
    createSecretKey(Buffer.from(pem)),
  ]) {
    const bytes = typeof key === "string" ? key : Buffer.isBuffer(key) ? key : key.export();
    for (const options of [undefined, { algorithms: ["HS256"] }, { algorithms: ["HS256", "RS256"] }]) {
      assert.throws(() => tandem.verify(forged(bytes), key, options), { name: "JsonWebTokenError" });
    }
    assert.throws(() => tandem.sign(payload, key), /must be a symmetric key|not valid key material/);
  }
});

test("a wrong length of an ECDSA signature is a wrong signature", () => {
  const { privateKey, publicKey } = pairs["P-256"];
  const token = tandem.sign(payload, privateKey, { algorithm: "ES256" });
  for (const bad of [token.slice(0, -4), `${token}AAAA`, `${token.slice(0, token.lastIndexOf("."))}.AA`]) {
    assert.throws(() => tandem.verify(bad, publicKey), { name: "JsonWebTokenError", message: "invalid signature" });
  }
});

test("what npm jsonwebtoken lacks: Ed25519 and secp256k1", () => {
  for (const [name, algorithm] of [
    ["ed25519", "EdDSA"],
    ["ed25519", "Ed25519"],
    ["secp256k1", "ES256K"],
  ]) {
    const { privateKey, publicKey } = pairs[name];
    for (const key of Object.values(privateForms(privateKey)).slice(0, 4)) {
      const token = tandem.sign(payload, key, { algorithm });
      for (const verifier of [
        publicKey,
        publicKey.export({ format: "pem", type: "spki" }),
        publicKey.export({ format: "jwk" }),
      ]) {
        assert.deepEqual(tandem.verify(token, verifier), payload, algorithm);
        assert.throws(() => tandem.verify(token, verifier, { algorithms: ["ES256"] }), {
          message: "invalid algorithm",
        });
      }
    }
  }
});

test("a curve written out in numbers, as older versions of OpenSSL did it", () => {
  const file = (name) => readFileSync(new URL(`../vectors/openssl/${name}.pem`, import.meta.url), "utf8");
  for (const [curve, algorithm] of [
    ["prime256v1", "ES256"],
    ["secp384r1", "ES384"],
    ["secp521r1", "ES512"],
  ]) {
    const [privateKey, publicKey] = [file(`${curve}.explicit.sec1`), file(`${curve}.explicit.spki`)];
    for (const [signer, verifier] of [
      [original, tandem],
      [tandem, original],
    ]) {
      assert.deepEqual(verifier.verify(signer.sign(payload, privateKey, { algorithm }), publicKey), payload, algorithm);
    }
  }
});

test("JWK and JWKS: the token's kid and alg choose", () => {
  const keys = Object.entries({ "rsa 2048": "RS256", "P-256": "ES256", ed25519: "EdDSA" });
  const set = {
    keys: keys.map(([name], at) => ({ ...pairs[name].publicKey.export({ format: "jwk" }), kid: `key ${at}` })),
  };
  for (const [at, [name, algorithm]] of keys.entries()) {
    const jwk = pairs[name].privateKey.export({ format: "jwk" });
    const token = tandem.sign(payload, jwk, { algorithm, keyid: `key ${at}` });
    assert.deepEqual(tandem.verify(token, set), payload);
    assert.deepEqual(tandem.verify(token, createPublicKey(createPrivateKey({ key: jwk, format: "jwk" }))), payload);
    const unnamed = tandem.sign(payload, jwk, { algorithm, keyid: "no such key" });
    assert.throws(() => tandem.verify(unnamed, set), {
      code: "ERR_KEY_NOT_FOUND",
      message: "secretOrPublicKey is not valid key material: no key in the set matches",
    });
  }
  const secret = "a secret that is as long as its hash";
  const oct = { kty: "oct", k: Buffer.from(secret).toString("base64url") };
  assert.equal(tandem.verify(tandem.sign({ a: 1 }, secret), oct).a, 1);
});
