import assert from "node:assert/strict";
import { test } from "node:test";

import jwt, { ACCESS_TOKEN, createVerifier, verifyAsync } from "tandem-jwt";
import { createSessions, memoryStore } from "tandem-jwt/session";

const [issuer, audience] = ["https://auth.example.com", "https://api.example.com"];
const options = { ...ACCESS_TOKEN, issuer, audience };
const claims = {
  iss: issuer,
  aud: audience,
  sub: "ada",
  client_id: "web",
  jti: "1",
  exp: 4_000_000_000,
  iat: 1_700_000_000,
};
const sign = (payload, typ = "at+jwt") => jwt.sign(payload, "secret", { header: { typ } });

test("an access token of RFC 9068, and no other kind of token", async () => {
  for (const typ of ["at+jwt", "application/at+jwt", "AT+JWT", "Application/AT+jwt"])
    assert.equal(jwt.verify(sign(claims, typ), "secret", options).sub, "ada");
  for (const typ of ["JWT", "application/jwt", "id+jwt", "at+jwt ", "", 5, null, {}]) {
    for (const complete of [false, true]) {
      assert.throws(() => jwt.verify(sign(claims, typ), "secret", { ...options, complete }), {
        name: "JsonWebTokenError",
        code: "ERR_JWT_HEADER",
        message: "jwt typ invalid. expected: at+jwt",
      });
    }
  }
  assert.throws(() => jwt.verify(jwt.sign(claims, "secret"), "secret", options), { code: "ERR_JWT_HEADER" });
  assert.throws(() => createVerifier("secret", options)(jwt.sign(claims, "secret")), { code: "ERR_JWT_HEADER" });
  await assert.rejects(verifyAsync(jwt.sign(claims, "secret"), "secret", options), { code: "ERR_JWT_HEADER" });
  assert.equal((await verifyAsync(sign(claims), "secret", options)).sub, "ada");
});

test("each of its claims is required", () => {
  const required = [...ACCESS_TOKEN.requiredClaims];
  assert.deepEqual(required.sort(), Object.keys(claims).sort());
  for (const name of required) {
    const { [name]: _, ...rest } = claims;
    const without =
      name === "iat" ? jwt.sign(rest, "secret", { header: { typ: "at+jwt" }, noTimestamp: true }) : sign(rest);
    const message = { iss: /issuer invalid/, aud: /audience invalid/ }[name] ?? `jwt ${name} required`;
    assert.throws(() => jwt.verify(without, "secret", options), {
      name: "JsonWebTokenError",
      code: "ERR_JWT_CLAIM",
      message,
    });
    assert.throws(() => jwt.verify(without, "secret", ACCESS_TOKEN), { message: `jwt ${name} required` });
  }
});

test("a claim that is only inherited is not there, and text has none", () => {
  assert.throws(() => jwt.verify(jwt.sign({}, "secret"), "secret", { requiredClaims: ["toString"] }), {
    message: "jwt toString required",
  });
  assert.throws(() => jwt.verify(jwt.sign("text", "secret"), "secret", { requiredClaims: ["sub"] }), {
    message: "jwt sub required",
  });
  assert.ok(jwt.verify(jwt.sign({ sub: null }, "secret"), "secret", { requiredClaims: ["sub"] }));
});

test("the access tokens of a session are such", async () => {
  const access = "a secret of at least thirty-two bytes";
  const sessions = createSessions({
    issuer,
    audience,
    clientId: "web",
    keys: { access, refresh: "another one, of thirty-two bytes too" },
    store: memoryStore(),
  });
  const pair = await sessions.issue({ sub: "ada" });
  assert.equal(jwt.verify(pair.access, access, options).sub, "ada");
});
