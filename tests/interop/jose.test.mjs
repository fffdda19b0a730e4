import assert from "node:assert/strict";
import { test } from "node:test";

import { jwtVerify, SignJWT } from "jose";
import jwt from "tandem-jwt";

const secret = "a secret that is long enough for every hash function: 64 bytes!!";
const key = new TextEncoder().encode(secret);

for (const alg of ["HS256", "HS384", "HS512"]) {
  test(`${alg}: jose verifies ours, and we verify jose's`, async () => {
    const ours = jwt.sign({ name: "Ada é" }, secret, { algorithm: alg, expiresIn: "1h", audience: "api", keyid: "k" });
    const { payload, protectedHeader } = await jwtVerify(ours, key, { audience: "api", algorithms: [alg] });
    assert.deepEqual(payload, jwt.decode(ours));
    assert.deepEqual(protectedHeader, { alg, typ: "JWT", kid: "k" });

    const theirs = await new SignJWT({ name: "Ada é" }).setProtectedHeader({ alg, kid: "schlüssel" }).setExpirationTime("1h").sign(key);
    const { header } = jwt.verify(theirs, secret, { algorithms: [alg], complete: true });
    assert.equal(header.kid, "schlüssel");
  });
}

test("RFC 7515 appendix A.1", () => {
  const token =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" +
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" +
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const secret = Buffer.from("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", "base64url");
  assert.deepEqual(jwt.verify(token, secret, { clockTimestamp: 1300819379 }), { iss: "joe", exp: 1300819380, "http://example.com/is_root": true });
  assert.throws(() => jwt.verify(token, secret, { clockTimestamp: 1300819380 }), { name: "TokenExpiredError" });
});
