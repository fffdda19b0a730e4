/** Tokens of the form that well-known issuers give, made here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import original from "jsonwebtoken";
import jwt, { verifyAsync } from "tandem-jwt";
import { forJsonwebtoken, ISSUERS, localKeys, remoteKeys } from "tandem-jwt/jwks";
import { certified, keyPair, startIssuer } from "./issuer.mjs";

const RS256 = { algorithms: ["RS256"] };

test("Firebase: a map of names to certificates is a key set", async (t) => {
  const mine = certified(t);
  const other = certified(t);
  const issuer = await startIssuer(t, []);
  issuer.set = { mine: mine.certificate, other: other.certificate, odd: "no certificate", "": 5 };
  issuer.headers = { "cache-control": "public, max-age=21000, must-revalidate, no-transform" };
  const iss = ISSUERS.firebase.issuer.replace("{projectId}", "project");
  const claims = { iss, aud: "project", sub: "user", auth_time: 1, firebase: { sign_in_provider: "password" } };
  const sign = (key, keyid) => jwt.sign(claims, key, { algorithm: "RS256", keyid, expiresIn: 3600 });
  const keys = remoteKeys(issuer.url);
  const expected = { ...RS256, issuer: iss, audience: "project" };
  assert.equal((await verifyAsync(sign(mine.privateKey, "mine"), keys, expected)).sub, "user");
  await assert.rejects(verifyAsync(sign(other.privateKey, "mine"), keys, expected), { code: "ERR_JWT_SIGNATURE" });
  await assert.rejects(verifyAsync(sign(mine.privateKey, "odd"), keys, expected), { code: "ERR_KEY_NOT_FOUND" });
  const byOriginal = await new Promise((resolve, reject) =>
    original.verify(sign(mine.privateKey, "mine"), forJsonwebtoken(keys), expected, (error, found) =>
      error ? reject(error) : resolve(found),
    ),
  );
  assert.equal(byOriginal.sub, "user");
  assert.equal(issuer.fetches, 1);
});

test("Cognito: an access token without aud, by client_id and token_use", async () => {
  const pair = keyPair("k");
  const iss = ISSUERS.cognito.issuer.replace("{region}", "eu-west-1").replace("{userPoolId}", "eu-west-1_x");
  const token = pair.sign({ iss, client_id: "app", token_use: "access", scope: "read" });
  const claims = await verifyAsync(token, localKeys({ keys: [pair.jwk] }), { ...RS256, issuer: iss });
  assert.deepEqual([claims.aud, claims.client_id, claims.token_use], [undefined, "app", "access"]);
});

test("Keycloak: the key for encryption beside the one that signs is passed over, chains are not looked at", async () => {
  const pair = keyPair("sig");
  const enc = { ...keyPair("enc").jwk, use: "enc", alg: "RSA-OAEP", x5c: ["AAAA"], x5t: "x" };
  const keys = localKeys({ keys: [enc, { ...pair.jwk, x5c: ["AAAA"], "x5t#S256": "x" }] });
  const iss = ISSUERS.keycloak.issuer.replace("{host}", "id.example").replace("{realm}", "main");
  const token = pair.sign({ iss, aud: "account", typ: "Bearer", azp: "app", realm_access: { roles: ["user"] } });
  assert.equal((await verifyAsync(token, keys, { ...RS256, issuer: iss, audience: "account" })).azp, "app");
  await assert.rejects(keys({ alg: "RS256", kid: "enc" }), { code: "ERR_KEY_NOT_FOUND" });
});

test("Entra: keys without alg serve the algorithm of the token; Supabase: ES256", async () => {
  const { alg: _, ...withoutAlg } = keyPair("entra").jwk;
  assert.equal((await localKeys({ keys: [withoutAlg] })({ alg: "RS256", kid: "entra" })).kid, "entra");
  const pair = keyPair("supabase", "ES256");
  const iss = ISSUERS.supabase.issuer.replace("{project}", "p");
  const token = pair.sign({ iss, aud: "authenticated", role: "authenticated" });
  const expected = { algorithms: [...ISSUERS.supabase.algorithms], issuer: iss, audience: "authenticated" };
  assert.equal((await verifyAsync(token, localKeys({ keys: [pair.jwk] }), expected)).role, "authenticated");
});
