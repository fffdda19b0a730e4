// Access tokens signed by key pairs.

import assert from "node:assert/strict";
import { test } from "node:test";

import jwt, { generateKey } from "tandem-jwt";
import { API, holder } from "./dpop-bed.mjs";
import { bed, OTHER, parts, SECRET, START } from "./session-bed.mjs";

test("key pairs sign access tokens, and everyone can have the public halves", async () => {
  const { make, later } = bed();
  for (const algorithm of ["RS256", "ES256", "EdDSA", "ML-DSA-65"]) {
    const [before, after] = [generateKey(algorithm), generateKey(algorithm)];
    const keys = (...access) => make({ keys: { access, refresh: OTHER } });
    const [old, both] = [keys({ key: before.privateKey }), keys({ key: after.privateJwk }, { key: before.publicKey })];
    const pair = await old.issue({ sub: "ada", scope: "read" });
    assert.deepEqual(parts(pair.access).header, { alg: algorithm, typ: "at+jwt", kid: before.publicJwk.kid });
    assert.equal((await both.verify(pair.access, { scope: "read" })).ok, true);
    assert.equal(jwt.verify(pair.access, both.jwks(), { algorithms: [algorithm], clockTimestamp: START }).sub, "ada");
    assert.ok(both.jwks().keys.every((jwk) => jwk.use === "sig" && !("d" in jwk) && !("priv" in jwk)));
    later(60);
    const next = await both.refresh(pair.refresh);
    assert.equal(parts(next.access).header.kid, after.publicJwk.kid);
    assert.equal((await old.verify(next.access)).reason, "ERR_JWT_FOREIGN");
  }
});

test("which keys are refused, and by which name", () => {
  const { make } = bed();
  const { privateKey, publicKey, privateJwk } = generateKey("ES256");
  const access =
    (key, rest = {}) =>
    () =>
      make({ keys: { access: key, refresh: OTHER, ...rest } });
  for (const [call, message, code = "ERR_SESSION_OPTIONS"] of [
    [access({ key: privateKey }, { refresh: undefined }), /keys\.refresh is required/],
    [access([{ key: publicKey }, SECRET]), /keys\.access: the first key must be able to sign/],
    [access(SECRET, { refresh: publicKey }), /keys\.refresh/, "ERR_KEY_INVALID"],
    [
      access(SECRET, { refresh: ["another secret, as long as the first", JSON.stringify(privateJwk)] }),
      /keys\.refresh/,
      "ERR_KEY_INVALID",
    ],
    [access(publicKey), /keys\.access/, "ERR_KEY_INVALID"],
    [access(JSON.stringify(privateJwk)), /keys\.access/, "ERR_KEY_INVALID"],
    [access({ key: privateKey, algorithm: "RS256" }), /keys\.access/, "ERR_KEY_INVALID"],
    [access({ key: privateKey, algorithm: "none" }), /keys\.access/, "ERR_KEY_UNSUPPORTED"],
    [access({ key: privateKey, algorithm: 5 }), /algorithm must be a name/],
    [access({ key: privateKey, kid: "" }), /kid must be/],
    [access({ key: 5 }), /key must be PEM or a JWK/],
    [access({ key: "secret" }), /keys\.access/, "ERR_KEY_INVALID"],
    [
      access({ kid: "k", key: { kty: "oct", k: "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3JldA" } }),
      /keys\.access/,
      "ERR_KEY_INVALID",
    ],
    [access(SECRET, { refresh: { key: privateKey } }), /keys\.refresh must be secrets/],
  ]) {
    assert.throws(call, (error) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      return !error.message.includes("PRIVATE");
    });
  }
  assert.deepEqual(make().jwks(), { keys: [] });
});

test("who has the public keys verifies, and has no secret", async () => {
  const { make } = bed();
  const ada = await holder();
  const { privateKey, publicJwk } = generateKey("ES256");
  const issuer = make({ keys: { access: { key: privateKey }, refresh: OTHER } });
  const api = make({ keys: { access: issuer.jwks().keys.map((key) => ({ key })) } });
  const pair = await issuer.issue({ sub: "ada", scope: "read", dpop: await ada.proof() });
  assert.equal(
    (await api.verify(pair.access, { dpop: await ada.proof({ url: API, access: pair.access }) })).claims.sub,
    "ada",
  );
  assert.equal((await api.verify(pair.access)).reason, "ERR_DPOP_KEY");
  assert.deepEqual(
    api.jwks().keys.map(({ kid }) => kid),
    [publicJwk.kid],
  );
  await assert.rejects(() => api.issue({ sub: "ada" }), { code: "ERR_KEY_INVALID" });
  assert.equal((await api.refresh(pair.refresh)).retryable, true);
  assert.throws(() => make({ keys: { access: { key: publicJwk } }, dpop: { nonces: "5m" } }), {
    message: /dpop\.nonces needs keys\.refresh/,
  });
});
