// Two builds and one store: the one before the present format of records, and this one. While a deploy goes on either may
// get a request, and with a Durable Object either may carry it out. Nobody is signed out by it.
//
// previous/format-1.mjs.br is that build: `createSessions`, `memoryStore` and `runStep` of dist/entries/inline/session.js in
// one file by esbuild, minified and packed by brotli.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliDecompressSync } from "node:zlib";

import * as present from "tandem-jwt/session";

import { OTHER, parts, SECRET, START, withoutTransact } from "./session-bed.mjs";

const directory = mkdtempSync(join(tmpdir(), "tandem-format-"));
let previous;

before(async () => {
  const file = join(directory, "format-1.mjs");
  writeFileSync(file, brotliDecompressSync(readFileSync(new URL("./previous/format-1.mjs.br", import.meta.url))));
  previous = await import(file);
});
after(() => rmSync(directory, { recursive: true }));

const KEYS = {
  "a secret": SECRET,
  "a key with a name": { access: SECRET, refresh: { kid: "2026-11", secret: OTHER } },
};

/** Who carries commands out: each server for itself, a Durable Object of the previous build, or one of this. */
const STORES = {
  "compare and set": (nowMs) => withoutTransact(present.memoryStore({ nowMs })),
  "an object of before": (nowMs) => previous.memoryStore({ nowMs }),
  "an object of now": (nowMs) => present.memoryStore({ nowMs }),
};

function both(keys, makeStore) {
  const clock = { now: START };
  const store = makeStore(() => clock.now * 1000);
  const events = [];
  const make = (build) =>
    build.createSessions({
      issuer: "https://id.example",
      audience: "api",
      clientId: "app",
      keys: typeof keys === "string" ? { access: keys } : keys,
      store,
      now: () => clock.now,
      on: (event) => events.push(event),
    });
  return { clock, store, events, servers: [make(previous), make(present)] };
}

for (const [keyName, keys] of Object.entries(KEYS)) {
  for (const [storeName, makeStore] of Object.entries(STORES)) {
    const where = `${keyName}, ${storeName}`;

    test(`a deploy in the middle of a session signs nobody out (${where})`, async () => {
      const answered = new Set();
      for (let seed = 1; seed <= 40; seed++) {
        const chance = dice(seed);
        const { clock, events, servers } = both(keys, makeStore);
        let held = (await servers[0].issue({ sub: "ada" })).refresh;
        for (let at = 0; at < 25; at++) {
          clock.now += [0, 1, 10, 31, 3600][chance(5)];
          // At first there are only old servers, in the end only new ones.
          const server = servers[at < 5 ? 0 : at > 20 && storeName !== "an object of before" ? 1 : chance(2)];
          const answer = await server.refresh(held);
          const said = `seed ${seed}, request ${at}: ${answer.error} ${JSON.stringify(events.slice(-3))}`;
          if (!answer.ok) assert.deepEqual([answer.error, answer.retryable], ["temporarily_unavailable", true], said);
          else answered.add(server === servers[1]);
          if (answer.ok && chance(4) > 0) held = present.newerRefresh(held, answer.refresh);
        }
        // It is the last to go, so until then whoever is new waits for it.
        if (storeName === "an object of before") continue;
        clock.now += 60;
        assert.equal((await servers[1].refresh(held)).ok, true, `seed ${seed}: signed in afterwards`);
        assert.ok(events.every(({ type }) => type !== "reuse" && type !== "regression"));
      }
      assert.equal(answered.size, storeName === "an object of before" ? 1 : 2, "how many of the two gave tokens");
    });

    test(`a roll-back signs nobody out (${where})`, async () => {
      const { clock, servers } = both(keys, makeStore);
      const [old, fresh] = servers;
      const first = await old.issue({ sub: "ada" });
      const next = await fresh.refresh(first.refresh);
      clock.now += 60;
      const held = next.ok ? next.refresh : first.refresh;
      const back = await old.refresh(held);
      assert.ok(back.ok || back.retryable, back.error);
      clock.now += 60;
      const again = await fresh.refresh(back.ok ? back.refresh : held);
      assert.ok(again.ok || again.retryable, again.error);
    });
  }
}

test("what was made before is read, and what follows is bound to the facts of the session", async () => {
  const { clock, servers } = both(KEYS["a key with a name"], STORES["compare and set"]);
  const [old, fresh] = servers;
  const first = await old.issue({ sub: "ada", scope: "read", acr: "pwd", device: "phone" });
  assert.equal(parts(first.refresh).header.kid, "2026-11");
  const next = await fresh.refresh(first.refresh);
  assert.match(parts(next.refresh).header.kid, /^2026-11\.[\w-]{8}$/);
  assert.deepEqual([next.scope, next.claims.acr], ["read", "pwd"]);
  assert.equal((await fresh.refresh(first.refresh)).refresh, next.refresh, "the same successor");
  clock.now += 60;
  assert.equal((await fresh.refresh(first.refresh)).outcome, "recovered");
  assert.equal((await fresh.refresh(next.refresh)).error, "invalid_grant", "and the burned one is");
});

test("a thief is found across builds", async () => {
  const { clock, events, servers } = both(SECRET, STORES["an object of now"]);
  const [old, fresh] = servers;
  const stolen = await old.issue({ sub: "ada" });
  let held = stolen.refresh;
  for (const server of [fresh, old, fresh]) {
    clock.now += 60;
    held = (await server.refresh(held)).refresh;
  }
  assert.equal((await old.refresh(stolen.refresh)).error, "invalid_grant");
  assert.equal((await fresh.refresh(held)).error, "invalid_grant");
  assert.equal(events.filter(({ type }) => type === "reuse").length, 1);
});

test("a sign-out counts for both", async () => {
  for (const makeStore of [STORES["compare and set"], STORES["an object of now"]]) {
    const { servers } = both(SECRET, makeStore);
    const [old, fresh] = servers;
    // The build before cannot end what it cannot read; an object of this one does it for it.
    const ways = makeStore === STORES["an object of now"] ? [servers, servers.toReversed()] : [[old, fresh]];
    for (const [signsIn, signsOut] of ways) {
      const pair = await signsIn.issue({ sub: "ada" });
      await signsOut.revoke(pair.refresh);
      for (const server of servers) assert.equal((await server.refresh(pair.refresh)).ok, false);
      assert.equal((await fresh.refresh(pair.refresh)).error, "invalid_grant");
    }
    for (const [signsIn, signsOut] of [servers, servers.toReversed()]) {
      const pair = await signsIn.issue({ sub: "alan" });
      await signsOut.revokeAll("alan");
      for (const server of servers) assert.equal((await server.refresh(pair.refresh)).ok, false);
    }
  }
});

test("what a later build has written is not ended here, and whoever asks is told", async () => {
  const store = withoutTransact(present.memoryStore());
  const later = { ...store, load: async (key) => newer(await store.load(key)) };
  const make = (store) =>
    present.createSessions({ issuer: "i", audience: "a", clientId: "c", keys: { access: SECRET }, store });
  const pair = await make(store).issue({ sub: "ada" });
  await assert.rejects(make(later).revoke(pair.refresh), { code: "ERR_STORE_UNAVAILABLE" });
  const verified = await make(later).verify(pair.access, { checkSession: true });
  assert.deepEqual([verified.error, verified.status], ["temporarily_unavailable", 503]);
  const listed = {
    ...store,
    list: async (...all) => {
      const page = await store.list(...all);
      return { ...page, records: page.records.map((record) => newer({ record }).record) };
    },
  };
  assert.deepEqual(await make(listed).list("ada"), []);
  assert.equal((await make(later).refresh(pair.refresh)).retryable, true);
  assert.equal((await make(store).refresh(pair.refresh)).ok, true);
});

function newer({ record, ...rest }) {
  return { ...rest, record: Uint8Array.from(record, (byte, at) => (at === 0 ? 3 : byte)) };
}

/** Numbers by chance, the same ones for a seed. */
function dice(seed) {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}
