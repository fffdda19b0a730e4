import assert from "node:assert/strict";
import { test } from "node:test";

import jwt from "tandem-jwt";
import { decode, expiresAt, expiresIn, isExpired } from "tandem-jwt/decode";

const token = jwt.sign({ name: "Ada é 😀", exp: 2_000_000_000, iat: 1 }, "secret");

test("the payload, or the whole token", () => {
  assert.deepEqual(decode(token), { name: "Ada é 😀", exp: 2_000_000_000, iat: 1 });
  assert.deepEqual(decode(token, { complete: true }).header, { alg: "HS256", typ: "JWT" });
  assert.equal(decode(token, { complete: true }).signature, token.split(".")[2]);
  assert.equal(decode(jwt.sign("text", "secret")), "text");
});

test("null for what is no token", () => {
  for (const not of ["", "a.b.c", "....", undefined, null, 5, {}, [], "é.é.é", `${token}.x`])
    assert.equal(decode(not), null);
});

test("without Buffer, as in a browser", () => {
  const { Buffer } = globalThis;
  try {
    delete globalThis.Buffer;
    assert.equal(decode(token).name, "Ada é 😀");
    assert.equal(decode("e30.e30.e30") === null, false);
  } finally {
    globalThis.Buffer = Buffer;
  }
});

test("expiry, in seconds", () => {
  assert.equal(expiresAt(token), 2_000_000_000);
  assert.equal(expiresIn(token, 1_999_999_990), 10);
  assert.equal(expiresIn(token, 2_000_000_010), -10);
  assert.deepEqual([isExpired(token, 1_999_999_999), isExpired(token, 2_000_000_000)], [false, true]);
  const eternal = jwt.sign({}, "secret");
  assert.deepEqual([expiresAt(eternal), expiresIn(eternal), isExpired(eternal)], [undefined, undefined, false]);
  assert.deepEqual([expiresAt("x"), isExpired("x")], [undefined, true]);
  // The header promises JSON, and the payload is not JSON.
  const broken = `${jwt.sign({}, "secret").split(".")[0]}.bm8ganNvbg.x`;
  assert.deepEqual([expiresAt(broken), expiresIn(broken), isExpired(broken)], [undefined, undefined, true]);
});
