/** Claims that are read without a key: of any script, and of what is no token. */
import assert from "node:assert/strict";
import { test } from "node:test";
import jwt from "tandem-jwt";
import { unverifiedClaims } from "../../pkg/dist/core/unverified.js";

test("claims of any script, as they were signed", () => {
  for (const name of ["ada", "Zoë", "%41 100% +", "名前", "🙂", "\u0000\u007f\u0080ÿ\u2028"]) {
    const { iat, ...claims } = unverifiedClaims(jwt.sign({ name }, "secret"));
    assert.deepEqual(claims, { name });
    assert.equal(typeof iat, "number");
  }
});

test("no claims of what is no token", () => {
  const part = (text) => Buffer.from(text, "latin1").toString("base64url");
  for (const token of ["", "x", "a.b.c", `a.${part("{")}.c`, `a.${part("\xff")}.c`, undefined, null, 5, {}])
    assert.deepEqual(unverifiedClaims(token), {}, String(token));
  assert.deepEqual(Object.keys(unverifiedClaims(`a.${part("null")}.c`)), []);
});
