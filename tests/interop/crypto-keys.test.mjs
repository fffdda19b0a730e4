/**
 * CryptoKeys: one behaviour, whether `node:crypto` or WebCrypto does the arithmetic, and the limits of a key hold in
 * both. Signatures of Ed25519, which hosts and the wasm must make letter for letter alike.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";
import jwt, { generateKey, setBackend, signAsync, verifyAsync } from "tandem-jwt";

const require = createRequire(import.meta.url);
const { webcryptoCounts } = require("../../pkg/dist/cjs/jwt/webcrypto.js");
const { hostCounts } = require("../../pkg/dist/cjs/jwt/host.js");
// The object that the package itself asks, so that a host can be played that lacks something.
const crypto = process.getBuiltinModule("node:crypto");
const { subtle } = globalThis.crypto;

const rsa = (name, bits) => ({
  name,
  hash: `SHA-${bits}`,
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
});
const ec = (namedCurve) => ({ name: "ECDSA", namedCurve });
const PARAMETERS = {
  HS256: { name: "HMAC", hash: "SHA-256" },
  HS384: { name: "HMAC", hash: "SHA-384" },
  HS512: { name: "HMAC", hash: "SHA-512" },
  RS256: rsa("RSASSA-PKCS1-v1_5", 256),
  RS512: rsa("RSASSA-PKCS1-v1_5", 512),
  PS256: rsa("RSA-PSS", 256),
  PS384: rsa("RSA-PSS", 384),
  ES256: ec("P-256"),
  ES384: ec("P-384"),
  ES512: ec("P-521"),
  EdDSA: { name: "Ed25519" },
};
const BACKENDS = ["auto", "node", "webcrypto", "wasm"];

/** From this version on Node warns when it is asked for a key that cannot be exported. */
const warns = Number.parseInt(process.versions.node, 10) >= 24;

async function made(algorithm, isExtractable, usages = ["sign", "verify"]) {
  const key = await subtle.generateKey(PARAMETERS[algorithm], isExtractable, usages);
  return "privateKey" in key ? key : { privateKey: key, publicKey: key };
}

/** What a call gives, and how many operations each of the two did meanwhile. */
async function by(backend, call) {
  const sum = ({ sign, verify }) => sign + verify;
  const before = { host: sum(hostCounts()), web: sum(webcryptoCounts) };
  setBackend(backend);
  try {
    const result = await call();
    return { result, host: sum(hostCounts()) - before.host, web: sum(webcryptoCounts) - before.web };
  } finally {
    setBackend("auto");
  }
}

function assertDoneBy({ host, web }, backend, key, what) {
  const isAtOnce = ["auto", "node"].includes(backend) && (key.extractable || !warns);
  assert.deepEqual([host, web], isAtOnce ? [1, 0] : [0, 1], `${what}, ${backend}`);
}

async function assertRefusesForged(verifier, token, verify) {
  const end = token.lastIndexOf(".") + 1;
  const signature = Buffer.from(token.slice(end), "base64url");
  const forged = [signature.subarray(1), Buffer.concat([signature, Buffer.alloc(1)]), Buffer.alloc(1)];
  for (let round = 0; round < 4; round += 1) {
    const flipped = Buffer.from(signature);
    flipped[randomInt(flipped.length)] ^= 1 << randomInt(8);
    forged.push(flipped);
  }
  for (const bytes of forged) {
    await assert.rejects(
      by(verifier, () => verify(token.slice(0, end) + bytes.toString("base64url"))),
      { name: "JsonWebTokenError", message: "invalid signature" },
    );
  }
  const last = token.at(-1);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const other = alphabet[alphabet.indexOf(last) ^ 1];
  // Of the last character some bits are unused, unless the signature is a multiple of three bytes long.
  if (signature.length % 3 !== 0)
    await assert.rejects(
      by(verifier, () => verify(token.slice(0, -1) + other)),
      { message: "invalid signature" },
    );
}

for (const algorithm of Object.keys(PARAMETERS)) {
  for (const isExtractable of [false, true]) {
    const kind = isExtractable ? "that can be exported" : "that never leaves the host";
    test(`${algorithm}: a CryptoKey ${kind}, by each back end`, async () => {
      const { privateKey, publicKey } = await made(algorithm, isExtractable);
      const verify = (token) => verifyAsync(token, publicKey, { algorithms: [algorithm] });
      for (const signer of BACKENDS) {
        const signed = await by(signer, () => signAsync({ sub: "ada" }, privateKey, { algorithm, keyid: "k" }));
        assertDoneBy(signed, signer, privateKey, "signed");
        for (const verifier of BACKENDS) {
          const verified = await by(verifier, () => verify(signed.result));
          assertDoneBy(verified, verifier, publicKey, "verified");
          assert.equal(verified.result.sub, "ada");
        }
      }
      const token = await signAsync({ sub: "ada" }, privateKey, { algorithm });
      for (const verifier of BACKENDS) await assertRefusesForged(verifier, token, verify);
    });
  }
}

test("a CryptoKey does what its usages and its hash allow, whoever does the arithmetic", async () => {
  const refused = { code: "ERR_KEY_INVALID" };
  const signs = (await made("HS256", true, ["sign"])).privateKey;
  const verifies = (await made("HS256", true, ["verify"])).privateKey;
  const { privateKey } = await made("RS256", true, ["sign"]);
  const { publicKey } = await made("PS256", true);
  for (const backend of BACKENDS) {
    const token = await by(backend, () => signAsync({ a: 1 }, signs, { algorithm: "HS256" }));
    const rejects = (call, error) => assert.rejects(by(backend, call), error);
    await rejects(() => verifyAsync(token.result, signs, { algorithms: ["HS256"] }), refused);
    await rejects(() => signAsync({ a: 1 }, verifies, { algorithm: "HS256" }), refused);
    await rejects(() => signAsync({ a: 1 }, signs, { algorithm: "HS512" }), refused);
    await rejects(() => signAsync({ a: 1 }, privateKey, { algorithm: "RS512" }), refused);
    await rejects(() => signAsync({ a: 1 }, privateKey, { algorithm: "PS256" }), refused);
    const foreign = jwt.sign({ a: 1 }, generateKey("RS256").privateKey, { algorithm: "RS256" });
    await rejects(() => verifyAsync(foreign, publicKey, { algorithms: ["RS256"] }), refused);
    await rejects(() => verifyAsync(foreign, privateKey, { algorithms: ["RS256"] }), refused);
  }
});

test("many at once: threads for key pairs, and no way to a thread for HMAC", async () => {
  const COUNT = 20;
  for (const algorithm of Object.keys(PARAMETERS)) {
    const { privateKey, publicKey } = await made(algorithm, true);
    const counted = (make) => Promise.all(Array.from({ length: COUNT }, (_, count) => make(count)));
    const signed = await by("auto", () => counted((count) => signAsync({ count }, privateKey, { algorithm })));
    const verified = await by("auto", () =>
      counted((count) => verifyAsync(signed.result[count], publicKey, { algorithms: [algorithm] })),
    );
    assert.deepEqual(
      verified.result.map(({ count }) => count),
      Array.from({ length: COUNT }, (_, count) => count),
    );
    const isSecret = algorithm.startsWith("HS");
    assert.equal(signed.web > 0, !isSecret, `${algorithm} signed`);
    assert.equal(verified.web > 0, !isSecret, `${algorithm} verified`);
    assert.deepEqual([signed.host + signed.web, verified.host + verified.web], [COUNT, COUNT]);
  }
});

/** Runs something in a host that is changed for as long. */
async function played(object, name, value, run) {
  const descriptor = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { ...descriptor, value });
  try {
    return await run();
  } finally {
    Object.defineProperty(object, name, descriptor);
  }
}

async function roundTrip(algorithm) {
  const { privateKey, publicKey } = await made(algorithm, true);
  return by("auto", async () => {
    const token = await signAsync({ sub: "ada" }, privateKey, { algorithm });
    return (await verifyAsync(token, publicKey, { algorithms: [algorithm] })).sub;
  });
}

test("WebCrypto does the work where node:crypto does not take the key, or refuses the operation", async () => {
  const refuse = () => {
    throw new Error("not here");
  };
  for (const algorithm of ["HS256", "RS256", "PS256", "ES256", "EdDSA"]) {
    for (const value of [refuse, undefined]) {
      const done = await played(crypto.KeyObject, "from", value, () => roundTrip(algorithm));
      assert.deepEqual(done, { result: "ada", host: 0, web: 2 });
    }
  }
  assert.deepEqual(await played(crypto, "createHmac", refuse, () => roundTrip("HS256")), {
    result: "ada",
    host: 0,
    web: 2,
  });
  const withoutSign = await played(crypto, "sign", refuse, () =>
    played(crypto, "verify", refuse, () => roundTrip("ES256")),
  );
  assert.deepEqual(withoutSign, { result: "ada", host: 0, web: 2 });
});

test("where Node warns of it, a key that cannot be exported stays with WebCrypto", async () => {
  const versions = { ...process.versions, node: "24.0.0" };
  for (const isExtractable of [true, false]) {
    const done = await played(process, "versions", versions, async () => {
      const { privateKey } = await made("ES256", isExtractable);
      return by("auto", () => signAsync({ sub: "ada" }, privateKey, { algorithm: "ES256" }));
    });
    assert.deepEqual([done.host, done.web], isExtractable ? [1, 0] : [0, 1]);
  }
});

test("Ed25519: the host signs as the wasm does; node:crypto verifies, and WebCrypto by itself does not", async () => {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("ed25519");
  const jwk = privateKey.export({ format: "jwk" });
  const pem = privateKey.export({ format: "pem", type: "pkcs8" });
  for (const algorithm of ["EdDSA", "Ed25519"]) {
    const token = async (backend, key) =>
      by(backend, async () => jwt.sign({ sub: "ada", iat: 1 }, key, { algorithm, keyid: "k" }));
    for (const key of [privateKey, jwk, pem]) {
      const [auto, node, wasm] = [await token("auto", key), await token("node", key), await token("wasm", key)];
      assert.deepEqual([auto.host, node.host, wasm.host], [1, 1, 0]);
      assert.deepEqual([auto.result, node.result], [wasm.result, wasm.result]);
      const web = await by("webcrypto", () => signAsync({ sub: "ada", iat: 1 }, key, { algorithm, keyid: "k" }));
      assert.deepEqual([web.result, web.web], [wasm.result, 1]);
    }
    const signed = jwt.sign({ sub: "ada" }, privateKey, { algorithm });
    for (const backend of BACKENDS) {
      const verified = await by(backend, () => verifyAsync(signed, publicKey, { algorithms: [algorithm] }));
      const isByHost = ["auto", "node"].includes(backend);
      assert.deepEqual([verified.result.sub, verified.host, verified.web], ["ada", isByHost ? 1 : 0, 0]);
    }
    const many = await by("auto", () =>
      Promise.all(Array.from({ length: 20 }, () => signAsync({ iat: 1 }, privateKey, { algorithm }))),
    );
    assert.equal(new Set(many.result).size, 1);
    assert.ok(many.web > 0, "threads signed");
  }
});
