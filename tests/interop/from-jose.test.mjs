// docs/from-jose.md, row by row: the same tokens, asked in both ways, give what the tables say.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from "jose";
import jwt, { signAsync, verifyAsync } from "tandem-jwt";
import { localKeys, remoteKeys } from "tandem-jwt/jwks";

import { keyPair, startIssuer } from "../jwks/issuer.mjs";

const secret = Buffer.from("a secret of at least thirty-two bytes");
const now = Math.floor(Date.now() / 1000);
const sign = (claims, options) => jwt.sign(claims, secret, options);
const outcome = (promise) => promise.then(JSON.stringify, ({ name, code }) => ({ name, code }));

/** What both say of a token; `keys` are one for each. */
async function both(token, theirs = {}, ours = theirs, keys = [secret, secret]) {
  const asked = [(async () => (await jwtVerify(token, keys[0], theirs)).payload)(), verifyAsync(token, keys[1], ours)];
  const [jose, tandem] = await Promise.all(asked.map(outcome));
  return { jose, tandem };
}

test("the options of verifying: what passes by one passes by the other, and what does not does not", async () => {
  const date = (seconds) => ({ currentDate: new Date(seconds * 1000) });
  const pairs = [
    [{ algorithms: ["HS256"] }, undefined, { algorithms: ["HS512"] }, undefined],
    [{ issuer: "us" }, undefined, { issuer: "them" }, undefined],
    [{ issuer: ["x", "us"] }, undefined, { issuer: ["x"] }, undefined],
    [{ audience: "api" }, undefined, { audience: "other" }, undefined],
    [{ subject: "ada" }, undefined, { subject: "eve" }, undefined],
    [{ requiredClaims: ["exp"] }, undefined, { requiredClaims: ["jti"] }, undefined],
    [{ typ: "JWT" }, { requiredTyp: "JWT" }, { typ: "at+jwt" }, { requiredTyp: "at+jwt" }],
    [{ maxTokenAge: "2m" }, { maxAge: "2m" }, { maxTokenAge: "10s" }, { maxAge: "10s" }],
    [date(now), { clockTimestamp: now }, date(now + 900), { clockTimestamp: now + 900 }],
    [
      { ...date(now + 842), clockTolerance: "5s" },
      { clockTimestamp: now + 842, clockTolerance: 5 },
      { ...date(now + 850), clockTolerance: "5s" },
      { clockTimestamp: now + 850, clockTolerance: 5 },
    ],
  ];
  const claims = { iat: now - 60, sub: "ada" };
  const token = sign(claims, { issuer: "us", audience: "api", expiresIn: "15m" });
  for (const [theirGood, ourGood, theirBad, ourBad] of pairs) {
    const good = await both(token, theirGood, ourGood);
    assert.equal(typeof good.jose, "string", JSON.stringify(theirGood));
    assert.equal(good.tandem, good.jose);
    const bad = await both(token, theirBad, ourBad);
    assert.ok(bad.jose.code && bad.tandem.code, JSON.stringify([theirBad, bad]));
  }
});

test("the calls of signing give the same claims and header", async () => {
  const at = 1_700_000_000;
  const theirs = await new SignJWT({ role: "admin" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: "k" })
    .setIssuedAt(at)
    .setNotBefore(at + 60)
    .setExpirationTime(at + 900)
    .setAudience("api")
    .setIssuer("us")
    .setSubject("ada")
    .setJti("1")
    .sign(secret);
  const ours = sign(
    { role: "admin", iat: at },
    { keyid: "k", notBefore: "1m", expiresIn: "15m", audience: "api", issuer: "us", subject: "ada", jwtid: "1" },
  );
  assert.deepEqual(jwt.decode(ours), decodeJwt(theirs));
  assert.deepEqual(jwt.decode(ours, { complete: true }).header, decodeProtectedHeader(theirs));
  assert.equal(decodeJwt(sign({ exp: at }, { noTimestamp: true })).iat, undefined);
  assert.equal(decodeProtectedHeader(sign({}, { header: { typ: undefined } })).typ, undefined);
});

test("local and remote sets, and a CryptoKey", async (t) => {
  const pair = keyPair("k");
  const set = { keys: [pair.jwk] };
  const issuer = await startIssuer(t, set.keys);
  const token = pair.sign({ sub: "ada" });
  const options = { algorithms: ["RS256"] };
  for (const keys of [
    [createLocalJWKSet(set), set],
    [createLocalJWKSet(set), localKeys(set)],
    [createRemoteJWKSet(new URL(issuer.url)), remoteKeys(issuer.url)],
  ]) {
    const { jose, tandem } = await both(token, options, options, keys);
    assert.equal(typeof jose, "string");
    assert.equal(tandem, jose);
  }
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const byHost = await signAsync({ sub: "ada" }, privateKey, { algorithm: "ES256" });
  assert.equal((await jwtVerify(byHost, publicKey)).payload.sub, "ada");
  assert.equal(jwt.verify(byHost, await exportJWK(publicKey)).sub, "ada");
});

test("the errors are those of the table", async (t) => {
  const pair = keyPair("k");
  const [known, silent] = [await startIssuer(t, [pair.jwk]), await startIssuer(t, [])];
  silent.answer = () => {};
  const remote = (url) => [
    createRemoteJWKSet(new URL(url), { timeoutDuration: 100 }),
    remoteKeys(url, { timeout: 0.1 }),
  ];
  const old = sign({ iat: 1 });
  const cases = [
    [sign({ exp: 1 })],
    [old, { maxTokenAge: "1m" }, { maxAge: "1m" }],
    [sign({ nbf: now + 60 })],
    [sign({ iss: "us" }), { issuer: "them" }],
    [`${old.slice(0, -4)}AAAA`],
    ["no.token"],
    [old, { algorithms: ["HS512"] }],
    [keyPair("other").sign(), {}, { algorithms: ["RS256"] }, remote(known.url)],
    [pair.sign(), {}, { algorithms: ["RS256"] }, remote(silent.url)],
  ];
  const page = readFileSync(new URL("../../docs/from-jose.md", import.meta.url), "utf8");
  const table = page
    .slice(page.indexOf("## Errors"))
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  const told = new Set();
  for (const [token, theirs, ours, keys] of cases) {
    const { jose, tandem } = await both(token, theirs, ours, keys);
    const row = table.find((line) => {
      const [, left, right] = line.split(" | ").length === 2 ? ["", ...line.split(" | ")] : [];
      // A row with the code is about this code, else it is the kind's own row.
      return left?.includes(`\`${jose.name}\``) && right?.includes(`\`${tandem.code}\``);
    });
    assert.ok(row, JSON.stringify({ jose, tandem }));
    told.add(row);
  }
  assert.deepEqual([...told], table);
});
