/** Beside jose's createRemoteJWKSet, on the same issuers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRemoteJWKSet, jwtVerify } from "jose";
import jwt, { verifyAsync } from "tandem-jwt";
import { remoteKeys } from "tandem-jwt/jwks";
import { keyPair, startIssuer } from "./issuer.mjs";

const one = keyPair("one");
const RS256 = { algorithms: ["RS256"] };

/** Both libraries, each with an issuer of its own, so that each one's fetches are counted apart. */
async function both(t, { ours = {}, jose = {} } = {}) {
  const [mine, theirs] = [await startIssuer(t, [one.jwk]), await startIssuer(t, [one.jwk])];
  const keys = remoteKeys(mine.url, ours);
  const set = createRemoteJWKSet(new URL(theirs.url), jose);
  return {
    ours: { issuer: mine, verify: (token, options = RS256) => verifyAsync(token, keys, options) },
    jose: { issuer: theirs, verify: async (token, options = RS256) => (await jwtVerify(token, set, options)).payload },
  };
}

test("1,000 tokens on a cold set, then a flood of unknown kids: one fetch each", async (t) => {
  const stranger = keyPair("stranger").sign();
  for (const [name, { issuer, verify }] of Object.entries(await both(t))) {
    const token = one.sign({ sub: "a" });
    const claims = await Promise.all(Array.from({ length: 1000 }, () => verify(token)));
    assert.ok(claims.every(({ sub }) => sub === "a"));
    assert.equal(issuer.fetches, 1, name);
    const flood = await Promise.allSettled(Array.from({ length: 100 }, () => verify(stranger)));
    assert.ok(flood.every(({ status }) => status === "rejected"));
    assert.equal(issuer.fetches, 1, name);
  }
});

test("an outage after the set has ended: ours serves on, jose's does not", async (t) => {
  let now = 1_800_000_000;
  const at = await both(t, { ours: { now: () => now }, jose: { cacheMaxAge: 1, cooldownDuration: 0 } });
  const token = one.sign({ sub: "a" });
  for (const { issuer, verify } of Object.values(at)) {
    await verify(token);
    issuer.answer = (_, response) => response.writeHead(500).end();
  }
  now += 3600;
  await new Promise((done) => setTimeout(done, 10));
  assert.equal((await at.ours.verify(token)).sub, "a");
  await assert.rejects(at.jose.verify(token));
});

test("a secret of a name in a public set: neither takes it for HS256", async (t) => {
  const set = { keys: [{ kty: "oct", kid: "one", alg: "HS256", k: Buffer.alloc(32).toString("base64url") }] };
  const token = jwt.sign({}, Buffer.alloc(32), { keyid: "one" });
  for (const { issuer, verify } of Object.values(await both(t))) {
    issuer.set = set;
    await assert.rejects(verify(token, { algorithms: ["HS256"] }));
    assert.equal(issuer.fetches, 1);
  }
});
