// The examples of the RFCs, through the calls that users make. tests/signatures.rs has them for the Rust core.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import jwt, { thumbprint } from "tandem-jwt";

const vectors = (name) => JSON.parse(readFileSync(new URL(`../vectors/rfc/${name}.json`, import.meta.url), "utf8"));
const payloadOf = (token) => Buffer.from(token.split(".")[1], "base64url").toString();
const bare = ({ kid, alg, use, ...members }) => (members.kty === "AKP" ? { alg, ...members } : members);

/** The key of RFC 7515 appendix A.1, and the claims of all of its examples. */
const HMAC_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const CLAIMS = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const joe = { iss: "joe", exp: 1300819380, "http://example.com/is_root": true };
const early = { clockTimestamp: 1300819379 };

for (const { source, alg, key, token } of vectors("signatures")) {
  test(`${source}: ${alg}`, () => {
    const [header, payload, signature] = token.split(".");
    const complete = { algorithms: [alg], complete: true, ...early };
    const set = { keys: [{ kty: "EC", crv: "P-256" }, key, { kty: "unheard of" }] };
    for (const verifier of [key, JSON.stringify(key), set]) {
      const read = jwt.verify(token, verifier, complete);
      assert.deepEqual(read.header, JSON.parse(Buffer.from(header, "base64url")));
      assert.equal(read.signature, signature);
      typeof read.payload === "string"
        ? assert.equal(read.payload, payloadOf(token))
        : assert.deepEqual(read.payload, JSON.parse(payloadOf(token)));
    }
    assert.equal(thumbprint(key), thumbprint(bare(key)));
    const other = signature[0] === "A" ? "B" : "A";
    assert.throws(() => jwt.verify(`${header}.${payload}.${other}${signature.slice(1)}`, key, complete), {
      message: "invalid signature",
    });
    assert.throws(() => jwt.verify(`${header}.${payload}.${signature}`, key, { ...complete, algorithms: ["none"] }), {
      message: "invalid algorithm",
    });
  });
}

test("RFC 7515 appendix A.1", () => {
  const token = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
  for (const secret of [Buffer.from(HMAC_KEY, "base64url"), { kty: "oct", k: HMAC_KEY }]) {
    assert.deepEqual(jwt.verify(token, secret, early), joe);
    assert.throws(() => jwt.verify(token, secret, { clockTimestamp: 1300819380 }), { name: "TokenExpiredError" });
  }
});

test("RFC 7515 appendix A.5: an unsecured token passes only where that is asked for", () => {
  const token = `eyJhbGciOiJub25lIn0.${CLAIMS}.`;
  assert.deepEqual(jwt.verify(token, null, { algorithms: ["none"], ...early }), joe);
  assert.throws(() => jwt.verify(token, null, early), {
    message: 'please specify "none" in "algorithms" to verify unsigned tokens',
  });
  assert.throws(() => jwt.verify(token, HMAC_KEY, { algorithms: ["none"], ...early }), {
    message: "jwt signature is required",
  });
  assert.throws(() => jwt.verify(`${token}AAAA`, HMAC_KEY, { algorithms: ["none"], ...early }), {
    message: "invalid signature",
  });
});

test("RFC 7515 appendix A.6 and A.7: the JSON serializations are no JWT (RFC 7519 §1)", () => {
  const signature = {
    protected: "eyJhbGciOiJFUzI1NiJ9",
    signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
  };
  for (const json of [
    { payload: CLAIMS, ...signature },
    { payload: CLAIMS, signatures: [signature] },
  ]) {
    assert.throws(() => jwt.verify(JSON.stringify(json), HMAC_KEY), { message: "jwt malformed" });
    assert.throws(() => jwt.verify(json, HMAC_KEY), { message: "jwt must be a string" });
    assert.equal(jwt.decode(JSON.stringify(json)), null);
  }
});

test("RFC 7515 appendix E: an extension that must be understood, and is not", () => {
  const header =
    "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0";
  assert.throws(() => jwt.verify(`${header}.RkFJTA.`, null, { algorithms: ["none"] }), {
    name: "JsonWebTokenError",
    code: "ERR_JWT_HEADER",
  });
});

test("RFC 7797 §4: an encoded payload verifies, an unencoded one is refused", () => {
  const key = { kty: "oct", k: HMAC_KEY };
  assert.equal(jwt.verify("eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ", key), "$.02");
  const [header, signature] = [
    "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19",
    "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY",
  ];
  assert.throws(() => jwt.verify(`${header}..${signature}`, key), { message: "invalid token" });
  assert.throws(() => jwt.verify(`${header}.$.02.${signature}`, key), { message: "jwt malformed" });
  assert.throws(() => jwt.verify(`${header}.JC4wMg.${signature}`, key), { code: "ERR_JWT_HEADER" });
});

test("RFC 7517 appendix A.3: a key for wrapping makes no tokens, the other one does", () => {
  const wrapping = { kty: "oct", alg: "A128KW", k: "GawgguFyGrWKav7AX4VKUg" };
  const signing = { kty: "oct", k: HMAC_KEY, kid: "HMAC key used in JWS spec Appendix A.1 example" };
  assert.throws(() => jwt.sign({}, wrapping), { code: "ERR_KEY_INVALID" });
  const token = jwt.sign({ sub: "ada" }, signing, { keyid: signing.kid });
  assert.equal(jwt.verify(token, { keys: [wrapping, signing] }).sub, "ada");
});

test("RFC 7638 §3.1", () => {
  for (const { key, thumbprint: expected } of vectors("thumbprints")) assert.equal(thumbprint(key), expected);
});
