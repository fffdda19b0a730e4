// How sessions call the machine: few times, with nothing of theirs left in it between two calls.

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";

import jwt, { generateKey, setBackend } from "tandem-jwt";
import { createSessions, memoryStore } from "tandem-jwt/session";

import { bed, OTHER, SECRET } from "./session-bed.mjs";

// Node loads the CommonJS build, whose exports can be replaced.
const require = createRequire(import.meta.url);
const glues = ["core", "keys"].map((name) => require(`../../pkg/dist/cjs/core/generated/${name}/${name}.js`));
const { core } = require("../../pkg/dist/cjs/core/core.js");
const { hostCounts } = require("../../pkg/dist/cjs/jwt/host.js");
const { webcryptoCounts } = require("../../pkg/dist/cjs/jwt/webcrypto.js");

/** The names of the exports of either wasm that are called while `run` goes on. */
async function crossings(run) {
  const called = [];
  const own = glues.flatMap((glue) =>
    Object.entries(glue)
      .filter(([name, value]) => typeof value === "function" && !name.startsWith("init"))
      .map(([name, call]) => [glue, name, call]),
  );
  for (const [glue, name, call] of own) {
    glue[name] = (...values) => {
      called.push(name);
      return call(...values);
    };
  }
  try {
    await run();
  } finally {
    for (const [glue, name, call] of own) glue[name] = call;
  }
  return called;
}

test("a refresh is three calls, and six at most with a callback for claims", async () => {
  const plain = bed();
  let { refresh } = await plain.signIn();
  assert.deepEqual(await crossings(() => plain.refresh(refresh)), ["session_begin", "session_step", "session_finish"]);

  const withClaims = bed({ claims: () => ({ role: "admin" }) });
  ({ refresh } = await withClaims.signIn());
  const called = await crossings(() => withClaims.refresh(refresh));
  assert.deepEqual(called, ["session_begin", "session_foresee", "session_amend", "session_step", "session_finish"]);
});

test("a verification is one call", async () => {
  const { sessions, signIn } = bed();
  const { access } = await signIn();
  assert.deepEqual(await crossings(() => sessions.verify(access)), ["session_read_access"]);
});

/** A store that does something before each of its operations. */
function storeThat(interrupts) {
  const store = memoryStore();
  const around =
    (name) =>
    async (...values) => {
      interrupts();
      const result = await store[name](...values);
      interrupts();
      return result;
    };
  const names = ["create", "load", "compareAndSet", "bumpEpoch", "list", "transact", "firstUse"];
  return {
    consistency: store.consistency,
    ...Object.fromEntries(names.filter((name) => store[name] !== undefined).map((name) => [name, around(name)])),
  };
}

const settings = { issuer: "https://id.example", audience: "https://api.example", clientId: "web" };

/** The issuers of other tenants, whose numbers come to stand where those of an earlier instance stood. */
function others(count) {
  for (let number = 0; number < count; number++) {
    createSessions({ ...settings, keys: { access: `${OTHER} ${number}` }, store: memoryStore() });
  }
}

for (const [what, interrupts] of [
  ["the instance is replaced", () => core.giveUp()],
  ["the instance is replaced, and other issuers take the numbers", () => [core.giveUp(), others(3)]],
  ["so many other issuers come that there is no room for all", () => others(70)],
]) {
  for (const kind of ["a secret", "a key pair"]) {
    test(`${kind}: nothing is lost when ${what} within a refresh`, async () => {
      const pair = generateKey("ES256");
      const access = kind === "a secret" ? SECRET : { key: pair.privateKey };
      const keys = { access, refresh: SECRET };
      const sessions = createSessions({
        ...settings,
        keys,
        store: storeThat(interrupts),
        claims: () => ({ role: "admin" }),
      });
      const first = await sessions.issue({ sub: "ada" });
      const next = await sessions.refresh(first.refresh);
      assert.equal(next.outcome, "rotated");
      assert.equal(next.claims.role, "admin");
      // The tokens are this issuer's, and nobody else's.
      assert.equal((await sessions.verify(next.access, { checkSession: true })).ok, true);
      const tenant = createSessions({ ...settings, keys: { access: OTHER }, store: memoryStore() });
      assert.equal((await tenant.verify(next.access)).ok, false);
      assert.equal((await tenant.refresh(next.refresh)).ok, false);
      assert.equal((await sessions.refresh(next.refresh)).ok, true);
    });
  }
}

test("a number of an earlier instance never names another's keys", async () => {
  const mine = createSessions({ ...settings, keys: { access: SECRET }, store: memoryStore() });
  const { access, refresh } = await mine.issue({ sub: "ada" });
  core.giveUp();
  // The first issuer of the new instance has the number that mine had.
  const tenant = createSessions({ ...settings, keys: { access: OTHER }, store: memoryStore() });
  assert.equal((await mine.verify(access)).ok, true);
  assert.equal((await tenant.verify(access)).ok, false);
  assert.equal((await mine.refresh(refresh)).ok, true);
  const { access: theirs } = await tenant.issue({ sub: "eve" });
  assert.equal((await mine.verify(theirs)).ok, false);
});

test("what pollutes the prototype of all objects changes no message", async () => {
  const { signIn, refresh } = bed();
  const first = await signIn();
  Object.prototype.jkt = "planted";
  try {
    assert.equal((await refresh(first.refresh)).outcome, "rotated");
  } finally {
    delete Object.prototype.jkt;
  }
});

for (const backend of ["node", "webcrypto", "wasm"]) {
  test(`access tokens by a key pair, and proofs, are signed and verified by ${backend}`, async () => {
    const [node, lent] = [hostCounts(), { ...webcryptoCounts }];
    setBackend(backend);
    try {
      const { sessions, clock } = bed({ keys: { access: { key: generateKey("ES256").privateKey }, refresh: SECRET } });
      const holder = generateKey("ES256");
      const url = "https://api.example/orders";
      const proofFor = (accessToken) => ({
        proof: proofOf(holder, { method: "GET", url, now: clock.now, accessToken }),
        method: "GET",
        url,
      });
      const { access } = await sessions.issue({ sub: "ada", dpop: proofFor() });
      assert.equal((await sessions.verify(access, { dpop: proofFor(access) })).ok, true);
      const forged = `${access.slice(0, -86)}${"A".repeat(86)}`;
      assert.equal((await sessions.verify(forged, { dpop: proofFor(forged) })).reason, "ERR_JWT_SIGNATURE");
    } finally {
      setBackend("auto");
    }
    const done = {
      node: { sign: hostCounts().sign - node.sign, verify: hostCounts().verify - node.verify },
      webcrypto: { sign: webcryptoCounts.sign - lent.sign, verify: webcryptoCounts.verify - lent.verify },
    };
    const none = { sign: 0, verify: 0 };
    // Two proofs and two access tokens are verified; three proofs and one access token are signed, the proofs by `sign`.
    assert.deepEqual(done.webcrypto, backend === "webcrypto" ? { sign: 1, verify: 4 } : none);
    assert.deepEqual(done.node, backend === "node" ? { sign: 4, verify: 4 } : none);
  });
}

/** A proof of possession (RFC 9449 section 4.2). */
function proofOf({ privateKey, publicJwk }, { method, url, now, accessToken }) {
  const ath = accessToken && createHash("sha256").update(accessToken).digest("base64url");
  const claims = { jti: randomUUID(), htm: method, htu: url, iat: now, ath };
  return jwt.sign(claims, privateKey, { algorithm: "ES256", header: { typ: "dpop+jwt", jwk: publicJwk } });
}
