/** Compares us with jose, and with jwks-rsa and npm jsonwebtoken: the table of docs/jwks.md is measured here. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { createRemoteJWKSet, jwtVerify } from "jose";
import original from "jsonwebtoken";
import jwksRsa from "jwks-rsa";
import jwt, { verifyAsync } from "tandem-jwt";
import { jwksClient, remoteKeys } from "tandem-jwt/jwks";
import { keyPair, startIssuer } from "./issuer.mjs";

const one = keyPair("one");
const two = keyPair("two");
const RS256 = { algorithms: ["RS256"] };
const TABLE = [];
const NAMES = ["tandem-jwt", "jose", "jwks-rsa"];

function withJwksRsa(client) {
  const key = (header, done) => client.getSigningKey(header.kid, (error, found) => done(error, found?.getPublicKey()));
  return (token) => promisify(original.verify)(token, key, RS256);
}

/**
 * Each with its defaults, an issuer of its own, and where it is about time, sets that have ended when `later` is called.
 * `patience` is how many milliseconds each waits for an answer.
 */
async function contenders(t, { short = false, patience } = {}) {
  const issuers = await Promise.all(NAMES.map(() => startIssuer(t, [one.jwk])));
  const clock = { now: 1_800_000_000 };
  const keys = remoteKeys(issuers[0].url, {
    now: () => clock.now,
    ...(patience && { timeout: patience / 1000 }),
  });
  const set = createRemoteJWKSet(new URL(issuers[1].url), {
    ...(short && { cacheMaxAge: 1, cooldownDuration: 0 }),
    ...(patience && { timeoutDuration: patience }),
  });
  const client = jwksRsa({
    jwksUri: issuers[2].url,
    ...(short && { cacheMaxAge: 1 }),
    ...(patience && { timeout: patience }),
  });
  const verify = [
    (token) => verifyAsync(token, keys, RS256),
    (token) => jwtVerify(token, set, RS256).then(({ payload }) => payload),
    withJwksRsa(client),
  ];
  const later = async (seconds) => {
    clock.now += seconds;
    await new Promise((done) => setTimeout(done, 20));
  };
  return { later, all: NAMES.map((name, at) => ({ name, issuer: issuers[at], verify: verify[at] })) };
}

/** A row of the table: what each came to. */
function row(when, measure, options) {
  test(when, async (t) => {
    const { all, later } = await contenders(t, options);
    const cells = [];
    for (const contender of all) cells.push(await measure({ ...contender, later }));
    TABLE.push(`| ${when} | ${cells.join(" | ")} |`);
  });
}

const passes = (verified) =>
  verified.then(
    () => true,
    () => false,
  );
const fetches = (count) => (count === 1 ? "1 fetch" : `${count} fetches`);

row("1,000 tokens at once on a cold set", async ({ name, issuer, verify }) => {
  const token = one.sign({ sub: "a" });
  const verified = await Promise.all(Array.from({ length: 1000 }, () => verify(token)));
  assert.ok(verified.every(({ sub }) => sub === "a"));
  // On a busy machine its thousand callers come in two crowds.
  if (name === "jwks-rsa" && issuer.fetches <= 2) return "1 or 2 fetches";
  return fetches(issuer.fetches);
});

row("then 100 tokens with made-up `kid`s", async ({ issuer, verify }) => {
  await verify(one.sign());
  const before = issuer.fetches;
  for (let at = 0; at < 100; at++)
    assert.ok(!(await passes(verify(jwt.sign({}, two.privateKey, { algorithm: "RS256", keyid: `made-up-${at}` })))));
  return fetches(issuer.fetches - before);
});

row("the issuer rotates right after a fetch: a token signed by the new key", async ({ issuer, verify }) => {
  await verify(one.sign());
  issuer.set = { keys: [two.jwk, one.jwk] };
  return (await passes(verify(two.sign()))) ? "passes" : "refused for 30 s";
});

const outage = async ({ issuer, verify, later }, answer, seconds) => {
  const token = one.sign();
  await verify(token);
  issuer.answer = answer;
  await later(seconds);
  // Whoever has not decided by then never does: nothing is on its way any more.
  const undecided = new Promise((resolve) => setTimeout(resolve, 3000, undefined));
  const passed = await Promise.race([passes(verify(token)), undecided]);
  return { true: "keeps serving", false: "fails", undefined: "hangs" }[passed];
};
const HOSTILE = {
  "status 500": (_, response) => response.writeHead(500).end(),
  "a truncated body": (_, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write('{"keys":[');
    setTimeout(() => response.destroy(), 5);
  },
  "an empty set": (_, response) => response.end('{"keys":[]}'),
  "HTML instead of JSON": (_, response) => response.end("<html>"),
};
for (const [what, answer] of Object.entries(HOSTILE))
  row(`the set has expired, and the issuer answers with ${what}`, (it) => outage(it, answer, 3600), { short: true });

const SLOW = {
  "nothing within the timeout of 0.3 s": () => {},
  "a body that never ends, with a timeout of 0.3 s": (_, response) => {
    response.writeHead(200);
    response.write('{"keys":[');
  },
};
for (const [what, answer] of Object.entries(SLOW)) {
  row(`the set has expired, and the issuer sends ${what}`, (it) => outage(it, answer, 3600), {
    short: true,
    patience: 300,
  });
}

row("a body of 2 MiB on a cold set", async ({ issuer, verify }) => {
  issuer.set = { padding: "x".repeat(2 << 20), keys: [one.jwk] };
  return (await passes(verify(one.sign()))) ? "is read" : "is refused";
});

row("a redirect to another host on a cold set", async ({ issuer, verify }) => {
  const elsewhere = issuer.url.replace("127.0.0.1", "localhost");
  issuer.answer = (request, response) =>
    request.headers.host.startsWith("localhost")
      ? response.end(JSON.stringify(issuer.set))
      : response.writeHead(302, { location: elsewhere }).end();
  return (await passes(verify(one.sign()))) ? "is followed" : "is refused";
});

const BROKEN = { "a key whose modulus is not a number": { kty: "RSA", kid: "broken", n: "!", e: "AQAB" }, null: null };
for (const [what, broken] of Object.entries(BROKEN))
  row(`the set also holds ${what}`, async ({ issuer, verify }) => {
    issuer.set = { keys: [broken, one.jwk] };
    return (await passes(verify(one.sign()))) ? "the others work" : "none works";
  });

row("a key whose `alg` is PS256, and an RS256 token", async ({ issuer, verify }) => {
  issuer.set = { keys: [{ ...one.jwk, alg: "PS256" }] };
  return (await passes(verify(one.sign()))) ? "passes" : "is refused";
});

test("a shared cache: the second process fetches nothing", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const kept = new Map();
  const cache = { get: async (name) => kept.get(name), put: async (name, text) => kept.set(name, text) };
  for (let process = 0; process < 2; process++) await verifyAsync(one.sign(), remoteKeys(issuer.url, { cache }), RS256);
  assert.equal(issuer.fetches, 1);
});

test("jwks-rsa's limit: made-up names use it up, and the tokens of a new key are refused with them", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const verify = withJwksRsa(jwksRsa({ jwksUri: issuer.url, rateLimit: true }));
  for (let at = 0; at < 10; at++)
    assert.ok(!(await passes(verify(jwt.sign({}, two.privateKey, { algorithm: "RS256", keyid: `made-up-${at}` })))));
  issuer.set = { keys: [two.jwk, one.jwk] };
  assert.ok(!(await passes(verify(two.sign()))));
  assert.equal(issuer.fetches, 10);
});

test("the table of the docs says so", () => {
  const page = readFileSync(new URL("../../docs/jwks.md", import.meta.url), "utf8");
  const [, table] = /\| tandem-jwt \| jose \| jwks-rsa \|\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(page) ?? [];
  assert.deepEqual(table?.trim().split("\n"), TABLE);
});

test("jwks-rsa's client and ours give the same keys, and errors of the same name", async (t) => {
  const pem = one.publicKey.export({ type: "spki", format: "pem" });
  const clients = { "jwks-rsa": (options) => jwksRsa(options), "tandem-jwt": jwksClient };
  const seen = {};
  for (const [name, make] of Object.entries(clients)) {
    const issuer = await startIssuer(t, [one.jwk]);
    const client = make({ jwksUri: issuer.url });
    const plain = ({ kid, alg, publicKey, rsaPublicKey, getPublicKey }) => ({
      kid,
      alg,
      texts: [publicKey, rsaPublicKey, getPublicKey()].map((text) => text.trim() === pem.trim()),
    });
    const failed = (asked) => asked.then(plain, (error) => [error.name, error.isEndpointUnavailable]);
    const answers = {
      one: plain(await client.getSigningKey("one")),
      byCallback: plain(await promisify(client.getSigningKey.bind(client))("one")),
      unnamed: await failed(client.getSigningKey()),
      all: (await client.getSigningKeys()).map(plain),
      unknown: await failed(client.getSigningKey("none")),
    };
    const pair = await startIssuer(t, [one.jwk, two.jwk]);
    const { kty, n, e } = one.jwk;
    const bare = await startIssuer(t, [{ kty, n, e }]);
    const down = await startIssuer(t, []);
    down.answer = (_, response) => response.writeHead(500).end();
    seen[name] = {
      ...answers,
      unnamedOfTwo: await failed(make({ jwksUri: pair.url }).getSigningKey()),
      withoutKid: await failed(make({ jwksUri: bare.url }).getSigningKey()),
      down: await failed(make({ jwksUri: down.url }).getSigningKey("one")),
    };
  }
  assert.deepEqual(seen["tandem-jwt"], seen["jwks-rsa"]);
  assert.deepEqual(seen["tandem-jwt"].unknown, ["SigningKeyNotFoundError", undefined]);
});
