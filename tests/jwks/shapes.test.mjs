/** Keys in the shapes of other libraries, local sets, and several issuers. */
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";
import { promisify } from "node:util";
import { createLocalJWKSet, jwtVerify } from "jose";
import original from "jsonwebtoken";
import jwt, { verifyAsync } from "tandem-jwt";
import {
  forExpressJwt,
  forJsonwebtoken,
  forPassportJwt,
  ISSUERS,
  jwksClient,
  localKeys,
  remoteKeys,
  trustIssuers,
} from "tandem-jwt/jwks";
import { keyPair, startIssuer } from "./issuer.mjs";

const rsa = keyPair("rsa");
const ec = keyPair("ec", "ES256");
const keys = localKeys({ keys: [rsa.jwk, ec.jwk] });
const ALGORITHMS = { algorithms: ["RS256", "ES256"] };

for (const [name, pair] of Object.entries({ rsa, ec })) {
  const token = pair.sign({ sub: name });

  test(`${name}: verify by callback, here and in npm jsonwebtoken`, async () => {
    assert.equal((await promisify(jwt.verify)(token, keys.callback, ALGORITHMS)).sub, name);
    assert.equal((await promisify(jwt.verify)(token, forJsonwebtoken(keys), ALGORITHMS)).sub, name);
    assert.equal((await promisify(original.verify)(token, forJsonwebtoken(keys), ALGORITHMS)).sub, name);
  });

  test(`${name}: the PEM text is the key's, and what express-jwt and passport-jwt hand on verifies`, async () => {
    const decoded = original.decode(token, { complete: true });
    const forExpress = await forExpressJwt(keys)({}, decoded);
    const forPassport = await promisify(forPassportJwt(keys))({}, token);
    assert.equal(forExpress, forPassport);
    assert.equal(forExpress, pair.publicKey.export({ type: "spki", format: "pem" }));
    assert.equal(original.verify(token, forExpress, ALGORITHMS).sub, name);
  });

  test(`${name}: jose takes the same set and agrees`, async () => {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [rsa.jwk, ec.jwk] }), ALGORITHMS);
    assert.deepEqual(await verifyAsync(token, keys, ALGORITHMS), payload);
    assert.deepEqual(jwt.verify(token, keys.sync({ alg: pair.jwk.alg, kid: name }), ALGORITHMS), payload);
  });
}

test("passport-jwt's shape: a malformed token is an error and no exception", async () => {
  for (const token of ["", "x", "!!.x.y", `${btoa("null")}.x.y`])
    await assert.rejects(promisify(forPassportJwt(keys))({}, token));
});

test("jwks-rsa's client: a key by name, by promise and callback; all keys; an unknown name", async (t) => {
  const issuer = await startIssuer(t, [rsa.jwk, ec.jwk]);
  const client = jwksClient({ jwksUri: issuer.url });
  const key = await client.getSigningKey("rsa");
  assert.equal(key.alg, "RS256");
  assert.equal(original.verify(rsa.sign({ n: 1 }), key.getPublicKey(), ALGORITHMS).n, 1);
  assert.equal((await promisify(client.getSigningKey)("ec")).publicKey, createPublicKeyPem(ec));
  assert.deepEqual(
    (await client.getSigningKeys()).map(({ kid }) => kid),
    ["rsa", "ec"],
  );
  await assert.rejects(client.getSigningKey("none"), { code: "ERR_KEY_NOT_FOUND" });
  assert.equal(issuer.fetches, 1);
});

function createPublicKeyPem({ jwk }) {
  return createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
}

test("CommonJS has the same exports", () => {
  const required = createRequire(import.meta.url)("tandem-jwt/jwks");
  assert.equal(typeof required.remoteKeys.ofIssuer, "function");
});

test("issuers: each token by the keys of its own issuer, and no other", async () => {
  const trust = trustIssuers([
    { issuer: "https://a.example/", keys: localKeys({ keys: [rsa.jwk] }), algorithms: ["RS256"], audience: "api" },
    { issuer: "https://b.example/", keys: localKeys({ keys: [ec.jwk] }), algorithms: ["ES256"] },
  ]);
  const check = async (token) => {
    const { key, options } = trust(token);
    return verifyAsync(token, key, options);
  };
  assert.equal((await check(rsa.sign({ iss: "https://a.example/", aud: "api" }))).aud, "api");
  assert.equal((await check(ec.sign({ iss: "https://b.example/" }))).iss, "https://b.example/");
  await assert.rejects(check(rsa.sign({ iss: "https://a.example/", aud: "other" })), { code: "ERR_JWT_CLAIM" });
  await assert.rejects(check(ec.sign({ iss: "https://a.example/", aud: "api" })), { name: "JsonWebTokenError" });
  for (const iss of ["https://c.example/", "https://a.example", undefined])
    await assert.rejects(check(rsa.sign({ ...(iss && { iss }) })), { code: "ERR_JWT_CLAIM" });
  await assert.rejects(check("not a token"), { name: "JsonWebTokenError" });
});

test("Entra: a tenant of the list, by its own tid, and no other", async () => {
  const [mine, other] = ["11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"];
  const trust = trustIssuers([{ issuer: ISSUERS.entraV2.issuer, keys, algorithms: ["RS256"], tenants: [mine] }]);
  const token = (iss, tid) => rsa.sign({ iss: `https://login.microsoftonline.com/${iss}/v2.0`, tid });
  const good = token(mine, mine);
  const { key, options } = trust(good);
  assert.equal((await verifyAsync(good, key, options)).tid, mine);
  for (const [iss, tid] of [
    [other, other],
    [mine, other],
    [other, mine],
    ["{tenantid}", "{tenantid}"],
    [mine, undefined],
  ])
    assert.throws(() => trust(token(iss, tid ?? null)), { code: "ERR_JWT_CLAIM" });
  assert.throws(() => trustIssuers([{ issuer: ISSUERS.entraV2.issuer, keys, algorithms: ["RS256"] }]), {
    code: "ERR_JWT_OPTIONS",
  });
});

test("presets: addresses that remoteKeys takes once they are filled in", () => {
  for (const [name, { issuer, jwks, source, algorithms }] of Object.entries(ISSUERS)) {
    const filled = jwks.replace(/\{\w+\}/g, "x");
    remoteKeys(filled);
    assert.ok(issuer.startsWith("https://") && source.startsWith("https://") && algorithms.length > 0, name);
  }
});
