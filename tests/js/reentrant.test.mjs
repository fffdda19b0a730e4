// Code of the caller that runs in the middle of a call, and signs with other keys there.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";

import jwt from "tandem-jwt";

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

test("a stack that overflows inside of a call leaves no trace for the next one", () => {
  const token = jwt.sign({ sub: "ada" }, "secret");
  const dig = () => {
    try {
      return dig();
    } catch {
      try {
        jwt.verify(token, "secret");
      } catch {
        // There was no room left; what counts is the next call.
      }
      return undefined;
    }
  };
  dig();
  assert.equal(jwt.verify(token, "secret").sub, "ada");
  assert.throws(() => jwt.verify(token, "wrong"), { message: "invalid signature" });
  assert.equal(jwt.verify(jwt.sign({ a: 1 }, "other"), "other").a, 1);
});
