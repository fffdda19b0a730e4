// Code of the caller that runs in the middle of a call, and signs with other keys there.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";

import jwt, { generateKey, setBackend } from "tandem-jwt";

// The copy that `tandem-jwt` is in Node.
const { core } = createRequire(import.meta.url)("../../pkg/dist/cjs/core/core.js");

/** Signs with more secrets than are kept, so that every secret from before is driven out. */
function driveOut() {
  for (let count = 0; count < 1_200; count += 1) jwt.sign({}, `the secret of tenant ${count}`);
}

test("a payload that signs with other secrets in its toJSON is signed with its own", () => {
  const payload = {
    toJSON() {
      driveOut();
      return { sub: "ada" };
    },
  };
  const token = jwt.sign({ nested: payload }, "the right secret");
  assert.deepEqual(jwt.verify(token, "the right secret").nested, { sub: "ada" });
  for (let count = 0; count < 1_200; count += 1) {
    assert.throws(() => jwt.verify(token, `the secret of tenant ${count}`), { message: "invalid signature" });
  }
});

test("so is one whose getters do, and one by a key pair", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const getter = {
    get sub() {
      driveOut();
      return "ada";
    },
  };
  assert.equal(jwt.verify(jwt.sign(getter, "right"), "right").sub, "ada");
  const pem = privateKey.export({ format: "pem", type: "pkcs8" });
  const payload = { nested: { toJSON: () => driveOut() ?? 1 } };
  assert.equal(jwt.verify(jwt.sign(payload, pem, { algorithm: "ES256" }), publicKey).nested, 1);
});

test("a verifier and a signer outlive every cache", () => {
  const verify = jwt.verify;
  const token = jwt.sign({ sub: "ada" }, "kept");
  driveOut();
  assert.equal(verify(token, "kept").sub, "ada");
});

/** Verifies where less and less of the stack is left. */
function verifyBelow(token, key) {
  try {
    return verifyBelow(token, key);
  } catch {
    try {
      jwt.verify(token, key);
    } catch {
      // There was no room left; what counts is the next call.
    }
    return undefined;
  }
}

test("a stack that overflows inside of a call leaves no trace for the next one", () => {
  const token = jwt.sign({ sub: "ada" }, "secret");
  verifyBelow(token, "secret");
  assert.equal(jwt.verify(token, "secret").sub, "ada");
  assert.throws(() => jwt.verify(token, "wrong"), { message: "invalid signature" });
  assert.equal(jwt.verify(jwt.sign({ a: 1 }, "other"), "other").a, 1);
});

test("nor does it in the wasm of keys", () => {
  setBackend("wasm");
  try {
    const { privateKey, publicKey } = generateKey("EdDSA");
    const token = jwt.sign({ sub: "ada" }, privateKey, { algorithm: "EdDSA" });
    verifyBelow(token, publicKey);
    assert.equal(jwt.verify(token, publicKey).sub, "ada");
    assert.throws(() => jwt.verify(token, generateKey("EdDSA").publicKey), { message: "invalid signature" });
    assert.equal(jwt.verify(jwt.sign({ a: 1 }, privateKey, { algorithm: "EdDSA" }), publicKey).a, 1);
  } finally {
    setBackend("auto");
  }
});

/** More prepared verifiers than an instance holds: it is given up, and their keys with it. */
function wearOut(count = 20_000) {
  const token = jwt.sign({}, "any");
  for (let at = 0; at < count; at += 1) {
    assert.throws(() => jwt.createVerifier(Buffer.from(`secret ${at}`))(token), { message: "invalid signature" });
  }
}

test("where the instance is replaced in the middle of a call, no other key takes the place of its own", () => {
  const payload = () => ({
    nested: { toJSON: () => wearOut() ?? jwt.sign({}, "the secret of another tenant").length },
  });
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  assert.ok(jwt.verify(jwt.sign(payload(), Buffer.from("bytes")), "bytes").nested > 0);
  assert.ok(jwt.verify(jwt.sign(payload(), { key: der }, { algorithm: "ES256" }), publicKey).nested > 0);
  assert.ok(jwt.verify(jwt.sign(payload(), privateKey, { algorithm: "ES256" }), publicKey).nested > 0);
  assert.ok(jwt.verify(jwt.sign(payload(), "right"), "right").nested > 0);
});

test("prepared verifiers that nobody keeps take no more memory than a bounded number of keys", () => {
  const count = process.env.TANDEM_DEEP === "1" ? 1_100_000 : 60_000;
  const secret = Buffer.from("the secret of a verifier that is kept");
  const kept = jwt.createVerifier(secret);
  const token = jwt.sign({ sub: "ada" }, secret);
  wearOut(count);
  const { byteLength } = core.memory().buffer;
  assert.ok(byteLength < 48 << 20, `${byteLength} bytes`);
  assert.equal(kept(token).sub, "ada");
  assert.equal(jwt.verify(token, secret).sub, "ada");
});
