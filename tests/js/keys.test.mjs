import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { test } from "node:test";

import jwt from "tandem-jwt";

const bytes = new TextEncoder().encode("the same secret");
const forms = {
  string: "the same secret",
  Uint8Array: bytes,
  Buffer: Buffer.from(bytes),
  ArrayBuffer: bytes.buffer,
  DataView: new DataView(bytes.buffer),
  KeyObject: createSecretKey(bytes),
};

test("every form of one secret is the same key", () => {
  const token = jwt.sign({ sub: "ada" }, forms.string);
  for (const [name, secret] of Object.entries(forms)) {
    assert.equal(jwt.verify(token, secret).sub, "ada", name);
    assert.equal(jwt.verify(jwt.sign({ sub: "ada" }, secret), forms.string).sub, "ada", name);
  }
});

test("a view is its own bytes only", () => {
  const padded = Buffer.from("xxthe same secretxx");
  assert.equal(jwt.verify(jwt.sign({ sub: "ada" }, forms.string), padded.subarray(2, -2)).sub, "ada");
});

test("a buffer that was overwritten is another key", () => {
  const secret = Buffer.from("the same secret");
  const token = jwt.sign({ sub: "ada" }, secret);
  assert.equal(jwt.verify(token, secret).sub, "ada");
  secret[0] ^= 1;
  assert.throws(() => jwt.verify(token, secret), { message: "invalid signature" });
});

test("what is no key", () => {
  for (const key of [5, true, {}, [], () => {}, Symbol("key"), 10n, new Date(), { key: "secret" }]) {
    assert.throws(() => jwt.sign({}, key), { message: "secretOrPrivateKey is not valid key material" });
  }
});
