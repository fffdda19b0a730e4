import assert from "node:assert/strict";
import { test } from "node:test";

import jwt from "tandem-jwt";

const MIB = 1 << 20;

test("a valid token of a megabyte verifies, and small ones after it", () => {
  for (const character of ["x", "é", "日", "😀"]) {
    const text = character.repeat(MIB / character.length);
    const token = jwt.sign({ text }, "secret");
    assert.ok(token.length > MIB);
    assert.equal(jwt.verify(token, "secret").text, text);
    assert.equal(jwt.verify(jwt.sign({ small: true }, "secret"), "secret").small, true);
  }
});

test("lengths around the fixed buffers' size", () => {
  for (let length = 11_000; length < 17_000; length += 97) {
    for (const character of ["x", "é"]) {
      const text = character.repeat(length);
      assert.equal(jwt.verify(jwt.sign({ text }, "secret"), "secret").text, text);
    }
  }
});

test("a malformed token of a megabyte is refused as any other", () => {
  const cases = [
    ["x".repeat(MIB), "jwt malformed"],
    [`${"x".repeat(MIB)}.x.x`, "invalid token"],
    [`eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${"é".repeat(MIB)}.x`, "invalid token"],
    [".".repeat(MIB), "jwt malformed"],
    [`${jwt.sign({ text: "x".repeat(MIB) }, "secret")}A`, "invalid signature"],
  ];
  for (const [token, message] of cases) {
    assert.throws(() => jwt.verify(token, "secret"), { name: "JsonWebTokenError", message });
  }
});

test("a secret of any length", () => {
  for (const length of [1, 63, 64, 65, 127, 128, 129, 100_000]) {
    const secret = "s".repeat(length);
    assert.equal(jwt.verify(jwt.sign({ length }, secret), Buffer.from(secret)).length, length);
  }
});

test("more keys than are kept", () => {
  const tokens = Array.from({ length: 1500 }, (_, i) => [`secret ${i}`, jwt.sign({ i }, `secret ${i}`)]);
  for (const [secret, token] of [...tokens, ...tokens.reverse()])
    assert.equal(`secret ${jwt.verify(token, secret).i}`, secret);
});

test("characters that would alias to ASCII in a narrower alphabet", () => {
  const token = jwt.sign({ sub: "ada" }, "secret");
  for (let at = 0; at < token.length; at++) {
    const alias = String.fromCharCode(token.charCodeAt(at) + 0x100);
    assert.throws(() => jwt.verify(token.slice(0, at) + alias + token.slice(at + 1), "secret"), {
      name: "JsonWebTokenError",
    });
  }
});
