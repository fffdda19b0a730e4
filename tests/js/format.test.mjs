/** What is no JWT is not read as one (draft-ietf-oauth-rfc8725bis, section 3.14). */
import assert from "node:assert/strict";
import { test } from "node:test";
import jwt, { verifyAsync } from "tandem-jwt";

const SECRET = "a secret for tests, of 32 bytes or more";
const token = jwt.sign({ sub: "ada" }, SECRET);
const ALPHABET = /^[\w.-]$/;

test("a character that is none of base64url, wherever it stands, and no token", async () => {
  let tried = 0;
  const places = [
    0,
    1,
    token.indexOf("."),
    token.indexOf(".") + 1,
    token.lastIndexOf("."),
    token.length - 1,
    token.length,
  ];
  for (let code = 0; code < 0x250; code++) {
    const character = String.fromCharCode(code);
    if (ALPHABET.test(character)) continue;
    for (const at of places) {
      const bent = token.slice(0, at) + character + token.slice(at);
      assert.throws(() => jwt.verify(bent, SECRET), { name: "JsonWebTokenError" }, JSON.stringify(bent));
      assert.equal(jwt.decode(bent), null, JSON.stringify(bent));
      tried += 1;
    }
  }
  assert.ok(tried > 3_000);
  await assert.rejects(verifyAsync(` ${token}`, SECRET), { name: "JsonWebTokenError" });
});

test("an encrypted token is not taken for a signed one", () => {
  // Five parts; the shape of RFC 7516 appendix A.
  const header = Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString("base64url");
  const encrypted = `${header}..${"A".repeat(16)}.${"B".repeat(40)}.${"C".repeat(22)}`;
  for (const key of [SECRET, ""]) assert.throws(() => jwt.verify(encrypted, key), { name: "JsonWebTokenError" });
  assert.equal(jwt.decode(encrypted), null);
  for (const parts of [1, 2, 4]) {
    const cut = [...token.split("."), "AAAA"].slice(0, parts).join(".");
    assert.throws(() => jwt.verify(cut, SECRET), { name: "JsonWebTokenError", message: "jwt malformed" });
  }
});
