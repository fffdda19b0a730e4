// jose and tandem-jwt read each other's tokens, keys, key sets and thumbprints, for every algorithm that both know.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeJwt,
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  generateSecret,
  importJWK,
  importPKCS8,
  importSPKI,
  jwtVerify,
  SignJWT,
} from "jose";
import jwt, { generateKey, thumbprint, verifyAsync } from "tandem-jwt";

const HMAC = ["HS256", "HS384", "HS512"];
const PAIRS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
const payload = { sub: "ada", name: "Ada é 😀", iat: 1_700_000_000, nested: { list: [1, "two", null] } };

/** jose's token, with a header that is not the default one. */
const theirs = (alg, key) => new SignJWT(payload).setProtectedHeader({ alg, kid: "schlüssel", cty: "x" }).sign(key);

async function readsEachOther(alg, { josePrivate, josePublic, ourPrivate, ourPublic }) {
  const ours = jwt.sign(payload, ourPrivate, {
    algorithm: alg,
    keyid: "k",
    expiresIn: "100y",
    audience: "api",
    issuer: "us",
  });
  const read = await jwtVerify(ours, josePublic, { audience: "api", issuer: "us", algorithms: [alg] });
  assert.deepEqual(read.payload, jwt.verify(ours, ourPublic, { algorithms: [alg] }));
  assert.deepEqual(read.protectedHeader, { alg, typ: "JWT", kid: "k" });
  assert.deepEqual(decodeJwt(ours), jwt.decode(ours));

  const token = await theirs(alg, josePrivate);
  const { header, payload: found } = jwt.verify(token, ourPublic, { algorithms: [alg], complete: true });
  assert.deepEqual(header, { alg, kid: "schlüssel", cty: "x" });
  assert.deepEqual(found, payload);
  assert.deepEqual(await verifyAsync(token, josePublic), payload);
}

for (const alg of HMAC) {
  test(`${alg}: tokens both ways, with secrets made by either`, async () => {
    const jwk = { ...(await exportJWK(await generateSecret(alg, { extractable: true }))), alg };
    for (const secret of [jwk, generateKey(alg).jwk]) {
      const imported = await importJWK(secret, alg);
      await readsEachOther(alg, {
        josePrivate: imported,
        josePublic: imported,
        ourPrivate: secret,
        ourPublic: Buffer.from(secret.k, "base64url"),
      });
      assert.equal(thumbprint(secret), await calculateJwkThumbprint(secret));
    }
  });
}

for (const alg of PAIRS) {
  test(`${alg}: tokens both ways, with keys that jose made`, async () => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const forms = [
      { ourPrivate: await exportJWK(privateKey), ourPublic: await exportJWK(publicKey) },
      { ourPrivate: await exportPKCS8(privateKey), ourPublic: await exportSPKI(publicKey) },
    ];
    for (const form of forms) {
      await readsEachOther(alg, { josePrivate: privateKey, josePublic: publicKey, ...form });
      assert.equal(thumbprint(form.ourPrivate), await calculateJwkThumbprint(publicKey));
      assert.equal(thumbprint(form.ourPublic), await calculateJwkThumbprint(publicKey));
    }
  });

  test(`${alg}: tokens both ways, with keys that we made`, async () => {
    const { privateKey, publicKey, privateJwk, publicJwk } = generateKey(alg);
    const forms = [
      { josePrivate: await importJWK(privateJwk, alg), josePublic: await importJWK(publicJwk, alg) },
      {
        josePrivate: await importPKCS8(privateKey, alg, { extractable: true }),
        josePublic: await importSPKI(publicKey, alg),
      },
    ];
    for (const form of forms) {
      await readsEachOther(alg, { ourPrivate: privateKey, ourPublic: publicJwk, ...form });
      const { kid, alg: named, ...members } = privateJwk;
      assert.deepEqual(
        await exportJWK(
          form.josePrivate.extractable ? form.josePrivate : await importJWK(privateJwk, alg, { extractable: true }),
        ),
        members,
      );
      assert.deepEqual([kid, named], [await calculateJwkThumbprint(publicJwk), alg]);
    }
  });
}

test("a set: the same key is chosen, or none", async () => {
  const pairs = ["ES256", "ES384", "EdDSA"].map((alg) => ({ alg, ...generateKey(alg) }));
  const bare = ({ publicJwk: { alg, kid, ...members } }) => members;
  const [first, second, third] = pairs;
  const twin = { alg: "ES256", ...generateKey("ES256") };
  const sets = {
    "a kid each": { keys: pairs.map(({ publicJwk }) => publicJwk) },
    "no kid anywhere": { keys: pairs.map(bare) },
    "one kid for all": { keys: pairs.map((pair) => ({ ...bare(pair), kid: "same" })) },
    "twins without a kid": { keys: [bare(first), bare(twin)] },
    "twins with one kid": {
      keys: [
        { ...bare(first), kid: "same" },
        { ...bare(twin), kid: "same" },
      ],
    },
    "twins, one for encryption": {
      keys: [
        { ...bare(first), kid: "same" },
        { ...bare(twin), kid: "same", use: "enc" },
      ],
    },
    "twins, one that may not verify": {
      keys: [
        { ...bare(first), key_ops: ["verify"] },
        { ...bare(twin), key_ops: ["deriveBits"] },
      ],
    },
    "twins, one for another algorithm": { keys: [bare(second), { ...bare(second), alg: "ES256" }] },
    "strangers beside it": { keys: [{ kty: "Klingon" }, bare(third), { kty: "EC" }] },
    "an empty set": { keys: [] },
  };
  let chosen = 0;
  for (const [name, set] of Object.entries(sets)) {
    for (const pair of [...pairs, twin]) {
      for (const keyid of [undefined, "same", "unheard of", pair.publicJwk.kid]) {
        const token = jwt.sign(payload, pair.privateKey, { algorithm: pair.alg, ...(keyid && { keyid }) });
        const jose = await jwtVerify(token, createLocalJWKSet(set)).then(
          (read) => read.payload,
          (error) => error,
        );
        const where = `${name}, ${pair.alg}, ${keyid}`;
        if (jose instanceof Error) {
          assert.throws(() => jwt.verify(token, set), { name: "JsonWebTokenError" }, where);
        } else {
          chosen += 1;
          assert.deepEqual(jwt.verify(token, set), jose, where);
        }
      }
    }
  }
  assert.ok(chosen >= 20, `only ${chosen} keys were chosen`);
});

test("thumbprints of every type of key", async () => {
  for (const alg of [...HMAC, ...PAIRS, "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"]) {
    const { jwk, publicJwk = jwk } = generateKey(alg);
    assert.equal(thumbprint(publicJwk), await calculateJwkThumbprint(publicJwk), alg);
  }
});
