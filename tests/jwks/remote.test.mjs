/** A remote key set while its issuer works, rotates, fails and lies. Fetches are counted at the issuer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import jwt, { verifyAsync } from "tandem-jwt";
import { remoteKeys } from "tandem-jwt/jwks";
import { keyPair, startIssuer } from "./issuer.mjs";

const one = keyPair("one");
const two = keyPair("two");
const RS256 = { algorithms: ["RS256"] };

/** A clock that stands still until it is set. */
function bed(issuer, options = {}) {
  const bed = { now: 1_800_000_000, events: [] };
  const on = (event) => bed.events.push(event.type);
  bed.keys = remoteKeys(issuer.url, { now: () => bed.now, on, ...options });
  return bed;
}

const unavailable = { code: "ERR_KEYS_UNAVAILABLE" };

test("1,000 verifies at once on a cold set fetch once", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const { keys } = bed(issuer);
  const token = one.sign({ sub: "a" });
  const all = await Promise.all(Array.from({ length: 1000 }, () => verifyAsync(token, keys, RS256)));
  assert.ok(all.every(({ sub }) => sub === "a"));
  assert.equal(issuer.fetches, 1);
});

test("a flood of made-up kids fetches once in each cool-down, and evicts nothing", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const at = bed(issuer);
  const good = await at.keys({ alg: "RS256", kid: "one" });
  const flood = () =>
    Promise.allSettled(Array.from({ length: 500 }, (_, n) => at.keys({ alg: "RS256", kid: `made up ${n}` })));
  assert.ok((await flood()).every(({ reason }) => reason.code === "ERR_KEY_NOT_FOUND"));
  assert.equal(issuer.fetches, 1);
  at.now += 30;
  await flood();
  await flood();
  assert.equal(issuer.fetches, 2);
  assert.equal(await at.keys({ alg: "RS256", kid: "one" }), good);
  assert.equal(issuer.fetches, 2);
});

test("the error of an unknown kid names those there are", async (t) => {
  const { keys } = bed(await startIssuer(t, [one.jwk, two.jwk]));
  await assert.rejects(keys({ alg: "RS256", kid: "three" }), /kid "three".*"one", "two"/);
});

test("rotation: a new kid is found, the old object stays for the old kid, a withdrawn key is gone", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const at = bed(issuer);
  const before = await at.keys({ alg: "RS256", kid: "one" });
  assert.ok(Object.isFrozen(before));
  issuer.set = { keys: [two.jwk, one.jwk] };
  at.now += 31;
  assert.equal((await verifyAsync(two.sign({ n: 2 }), at.keys, RS256)).n, 2);
  assert.equal(await at.keys({ alg: "RS256", kid: "one" }), before);
  issuer.set = { keys: [two.jwk] };
  at.now += 3600;
  await assert.rejects(at.keys({ alg: "RS256", kid: "one" }), { code: "ERR_KEY_NOT_FOUND" });
});

test("an outage of an hour: the last set keeps serving, and the issuer is spared", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const at = bed(issuer);
  await at.keys({ alg: "RS256", kid: "one" });
  issuer.answer = (_, response) => response.writeHead(500).end();
  const before = issuer.fetches;
  at.now += 601;
  for (let second = 0; second < 3600; second++, at.now++) await at.keys({ alg: "RS256", kid: "one" });
  assert.ok(at.events.includes("stale") && at.events.includes("failed"));
  const asked = issuer.fetches - before;
  assert.ok(asked > 60 && asked < 150, `asked ${asked} times in 3,600 s`);
  at.now += 86_400;
  await assert.rejects(at.keys({ alg: "RS256", kid: "one" }), unavailable);
  issuer.answer = undefined;
  at.now += 60;
  await at.keys({ alg: "RS256", kid: "one" });
});

test("a clock set back neither keeps a set alive nor delays a fetch, and one set forward only fetches again", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const at = bed(issuer);
  const find = () => at.keys({ alg: "RS256", kid: "one" });
  await find();
  at.now -= 86_400;
  assert.equal(at.keys.sync({ alg: "RS256", kid: "one" }), undefined, "nobody knows how old it is");
  issuer.set = { keys: [two.jwk] };
  await assert.rejects(find(), { code: "ERR_KEY_NOT_FOUND" });
  assert.equal(issuer.fetches, 2);
  // A second that another clock is behind is none to fetch for.
  issuer.set = { keys: [one.jwk] };
  at.now += 30;
  await find();
  at.now -= 5;
  await find();
  assert.equal(issuer.fetches, 3);

  issuer.answer = (_, response) => response.writeHead(500).end();
  at.now += 700;
  await find();
  at.now -= 86_400;
  issuer.answer = undefined;
  issuer.set = { keys: [two.jwk] };
  await assert.rejects(find(), { code: "ERR_KEY_NOT_FOUND" }, "the failure of a day to come is not waited for");
  at.now += 10 * 86_400;
  issuer.set = { keys: [one.jwk] };
  const before = issuer.fetches;
  assert.ok(await find());
  assert.equal(issuer.fetches, before + 1);
});

test("a set of another isolate whose clock was ahead or behind is not believed for longer than a day", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const kept = new Map();
  const cache = { get: async (name) => kept.get(name), put: async (name, text) => void kept.set(name, text) };
  const ask = async (fetchedAt, freshUntil) => {
    const at = bed(issuer, { cache });
    kept.set(issuer.url, JSON.stringify({ set: { keys: [two.jwk] }, fetchedAt, freshUntil }));
    const key = await at.keys({ alg: "RS256", kid: "one" }).catch(({ code }) => code);
    return key.kid ?? key;
  };
  const now = 1_800_000_000;
  assert.equal(await ask(now - 10, now + 600), "ERR_KEY_NOT_FOUND", "it is believed");
  assert.equal(await ask(now + 61, now + 661), "one", "of the future");
  assert.equal(await ask(now - 10, now + 86_400), "one", "fresh for more than a day");
  assert.equal(await ask(now - 200_000, now - 113_601), "one", "over for more than a day");
});

test("freshness: max-age less Age, within 5 minutes and a day; renewed in the background before its end", async (t) => {
  for (const [headers, seconds] of [
    [{}, 600],
    [{ "cache-control": "public, max-age=1000" }, 1000],
    [{ "cache-control": "max-age=1000", age: "400" }, 600],
    [{ "cache-control": "max-age=1" }, 300],
    [{ "cache-control": "no-store" }, 300],
    [{ "cache-control": "max-age=99999999" }, 86_400],
  ]) {
    const issuer = await startIssuer(t, [one.jwk]);
    issuer.headers = headers;
    const at = bed(issuer);
    await at.keys({ alg: "RS256", kid: "one" });
    const start = at.now;
    at.now = start + seconds - 1;
    assert.ok(at.keys.sync({ alg: "RS256", kid: "one" }), JSON.stringify(headers));
    at.now = start + seconds;
    assert.equal(at.keys.sync({ alg: "RS256", kid: "one" }), undefined, JSON.stringify(headers));
    at.now = start + seconds * 0.79;
    await at.keys({ alg: "RS256", kid: "one" });
    assert.equal(issuer.fetches, 1);
    at.now = start + seconds * 0.81;
    await at.keys({ alg: "RS256", kid: "one" });
    await at.keys.set();
    for (let n = 0; n < 100 && at.events.length < 2; n++) await new Promise((done) => setTimeout(done, 10));
    assert.equal(issuer.fetches, 2, JSON.stringify(headers));
  }
});

const BROKEN = {
  "status 500": (_, response) => response.writeHead(500).end(),
  "a redirect": (_, response) => response.writeHead(302, { location: "/elsewhere" }).end(),
  "half an answer": (_, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write('{"keys":[');
    setTimeout(() => response.destroy(), 20);
  },
  "no JSON": (_, response) => response.end("<html>"),
  "JSON, but no set": (_, response) => response.end("[1]"),
  null: (_, response) => response.end("null"),
  "an empty set": (_, response) => response.end('{"keys":[]}'),
  "a set of secrets": (_, response) => response.end('{"keys":[{"kty":"oct","kid":"one","k":"AAAA"}]}'),
  "more than 100 keys": (_, response) => response.end(JSON.stringify({ keys: Array(101).fill(one.jwk) })),
  "2 MiB": (_, response) => response.end(`{"keys":["${"x".repeat(2 << 20)}"]}`),
  "no answer": () => {},
  "a body that never ends": (_, response) => {
    response.writeHead(200);
    response.write("{");
  },
};

for (const [what, answer] of Object.entries(BROKEN)) {
  test(`${what}: an error of the issuer, and a good answer later`, async (t) => {
    const issuer = await startIssuer(t, [one.jwk]);
    issuer.answer = answer;
    const at = bed(issuer, { timeout: 0.3 });
    await assert.rejects(at.keys({ alg: "RS256", kid: "one" }), unavailable);
    await assert.rejects(verifyAsync(one.sign(), at.keys, RS256), { ...unavailable, name: "JsonWebTokenError" });
    assert.equal(issuer.fetches, 1, "the second asked too soon");
    assert.ok(!issuer.paths.includes("/elsewhere"));
    issuer.answer = undefined;
    at.now += 1;
    assert.ok(await at.keys({ alg: "RS256", kid: "one" }));
  });
}

test("bad keys are skipped, and the others work", async (t) => {
  const { privateKey, jwk } = one;
  const bad = [
    null,
    5,
    {},
    { kty: "oct", kid: "one", k: "AAAA" },
    { ...jwk, use: "enc" },
    { ...jwk, key_ops: ["encrypt"] },
    { ...jwk, alg: "PS256" },
    { ...jwk, n: 5 },
    { kty: "EC", kid: "one", crv: "P-256" },
    { ...privateKey.export({ format: "jwk" }), kid: "private" },
  ];
  const { keys } = bed(await startIssuer(t, [...bad, jwk]));
  assert.equal((await verifyAsync(one.sign({ n: 1 }), keys, RS256)).n, 1);
  assert.equal((await keys({ alg: "RS256", kid: "private" })).d, undefined, "private members are dropped");
});

test("a key serves only its own algorithm; secrets and none never match", async (t) => {
  const { keys } = bed(await startIssuer(t, [one.jwk]));
  for (const alg of ["PS256", "ES256", "HS256", "none", "constructor", undefined, 5])
    await assert.rejects(keys({ alg, kid: "one" }), { code: "ERR_KEY_NOT_FOUND" }, String(alg));
  await assert.rejects(keys({ alg: "RS256", kid: { toString: () => "one" } }), { code: "ERR_KEY_NOT_FOUND" });
});

test("without a kid only a single matching key is used; two keys with one kid are refused", async (t) => {
  const ec = keyPair("ec", "ES256");
  const { keys } = bed(await startIssuer(t, [one.jwk, ec.jwk]));
  assert.equal((await keys({ alg: "ES256" })).kid, "ec");
  const twice = bed(await startIssuer(t, [one.jwk, { ...two.jwk, kid: "one" }]));
  await assert.rejects(twice.keys({ alg: "RS256" }), { code: "ERR_KEY_NOT_FOUND" });
  await assert.rejects(twice.keys({ alg: "RS256", kid: "one" }), { code: "ERR_KEY_NOT_FOUND" });
});

test("addresses and keys in a token are never followed", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const thief = await startIssuer(t, [two.jwk]);
  const { keys } = bed(issuer);
  for (const kid of ["one", undefined]) {
    const header = { jku: thief.url, x5u: thief.url, jwk: two.jwk, ...(kid && { kid }) };
    const forged = jwt.sign({}, two.privateKey, { algorithm: "RS256", header });
    await assert.rejects(verifyAsync(forged, keys, RS256), { message: "invalid signature" });
  }
  assert.equal(thief.fetches, 0);
});

test("addresses: https, http on this machine alone, no credentials", () => {
  for (const url of ["http://id.example/", "ftp://id.example/", "https://a:b@id.example/", "", "//x", undefined])
    assert.throws(() => remoteKeys(url), { code: "ERR_JWT_OPTIONS" }, String(url));
  for (const url of ["https://id.example/", "http://localhost:1/", "http://[::1]:1/"]) remoteKeys(url);
});

test("discovery: only of the issuer that was asked, and from either well-known path", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  let named = `${issuer.origin}/tenant`;
  let missing = "none";
  issuer.answer = (request, response) => {
    if (request.url.includes(missing)) return response.writeHead(404).end();
    const metadata = { issuer: named, jwks_uri: issuer.url };
    response.end(JSON.stringify(request.url.includes("well-known") ? metadata : issuer.set));
  };
  const open = () => remoteKeys.ofIssuer(`${issuer.origin}/tenant`);
  assert.equal((await verifyAsync(one.sign({ n: 1 }), open(), RS256)).n, 1);
  missing = "openid-configuration";
  assert.equal((await verifyAsync(one.sign({ n: 1 }), open(), RS256)).n, 1);
  assert.ok(issuer.paths.includes("/.well-known/oauth-authorization-server/tenant"));
  named = "https://attacker.example";
  await assert.rejects(open()({ alg: "RS256", kid: "one" }), unavailable);
});

test("a custom cache is shared; a broken or lying one does no harm", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const kept = new Map();
  const cache = { get: async (name) => kept.get(name), put: async (name, text) => void kept.set(name, text) };
  const first = bed(issuer, { cache });
  const second = bed(issuer, { cache });
  await first.keys({ alg: "RS256", kid: "one" });
  await second.keys({ alg: "RS256", kid: "one" });
  assert.equal(issuer.fetches, 1);
  assert.deepEqual(second.events, ["cached"]);
  // A rotation that one has seen reaches the other without a fetch.
  issuer.set = { keys: [two.jwk] };
  first.now += 31;
  second.now += 31;
  await first.keys({ alg: "RS256", kid: "two" });
  await second.keys({ alg: "RS256", kid: "two" });
  assert.equal(issuer.fetches, 2);
  // A new instance in an outage.
  issuer.answer = (_, response) => response.writeHead(500).end();
  const third = bed(issuer, { cache });
  third.now += 3600;
  await third.keys({ alg: "RS256", kid: "two" });
  assert.deepEqual(third.events, ["failed", "stale"]);
  issuer.answer = undefined;
  for (const lie of ["", "{", "null", '{"set":{},"fetchedAt":9e99,"freshUntil":9e99}']) {
    kept.set(issuer.url, lie);
    await bed(issuer, { cache }).keys({ alg: "RS256", kid: "two" });
  }
  const broken = { get: () => Promise.reject(new Error("down")), put: () => new Promise(() => {}) };
  const slow = bed(issuer, { cache: broken, timeout: 0.2 });
  await slow.keys({ alg: "RS256", kid: "two" });
  assert.deepEqual(slow.events, ["cache-failed", "fetched", "cache-failed"]);
});

test("what an event handler throws decides nothing", async (t) => {
  const issuer = await startIssuer(t, [one.jwk]);
  const on = () => {
    throw new Error("mine");
  };
  assert.ok(await remoteKeys(issuer.url, { on })({ alg: "RS256", kid: "one" }));
});
