// What a session survives: many at once, stores that fail, callbacks that fail, clocks that jump.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createSessions, memoryStore, runStep } from "tandem-jwt/session";

import { bed, parts, SECRET, START, withoutTransact } from "./session-bed.mjs";

const NOT_NOW = { ok: false, error: "temporarily_unavailable", status: 503, retryable: true, retryAfter: 1 };

for (const [name, wrap] of [
  ["transact", (store) => store],
  ["compareAndSet", withoutTransact],
]) {
  test(`a thousand refreshes of one token at once are one rotation (${name})`, async () => {
    let written = 0;
    const inner = wrap(memoryStore());
    const counted = {
      ...inner,
      ...(inner.transact
        ? {}
        : {
            compareAndSet: async (...all) => {
              written += 1;
              return inner.compareAndSet(...all);
            },
          }),
    };
    const { signIn, refresh, types } = bed({ store: counted });
    const pair = await signIn();
    const before = written;
    const answers = await Promise.all(Array.from({ length: 1000 }, () => refresh(pair.refresh)));

    assert.equal(answers.filter(({ outcome }) => outcome === "rotated").length, 1);
    assert.equal(answers.filter(({ outcome }) => outcome === "grace").length, 999);
    assert.equal(new Set(answers.map(({ refresh }) => refresh)).size, 1);
    assert.equal(parts(answers[0].refresh).payload.gen, 1);
    assert.equal(types().filter((type) => type === "rotated").length, 1);
    if (!inner.transact) assert.ok(written > before);
  });
}

test("a refresh that races a logout ends signed out", async () => {
  for (const wrap of [(store) => store, withoutTransact]) {
    for (let round = 0; round < 50; round++) {
      const { sessions, signIn, refresh } = bed({ store: slow(wrap(memoryStore())) });
      const pair = await signIn();
      const [next] = await Promise.all([refresh(pair.refresh), sessions.revoke(pair.refresh)]);
      assert.ok(next.ok || next.error === "invalid_grant");
      assert.equal((await refresh(pair.refresh)).error, "invalid_grant");
      if (next.ok) assert.equal((await refresh(next.refresh)).error, "invalid_grant");
    }
  }
});

test("a store that is down keeps everyone signed in", async () => {
  const faulty = fails(memoryStore());
  const { sessions, signIn, refresh, events } = bed({ store: faulty.store });
  const pair = await signIn();
  for (const when of ["before", "after"]) {
    for (const method of ["load", "transact"]) {
      faulty.fail(method, when);
      const answer = await refresh(pair.refresh);
      if (answer.ok) assert.equal(method, "load");
      else assert.deepEqual(answer, NOT_NOW);
      faulty.heal();
      // The write may have been done: the retry gets what the lost answer held.
      assert.equal((await refresh(pair.refresh)).ok, true);
    }
  }
  faulty.fail("load", "before");
  assert.deepEqual(await sessions.verify(pair.access, { checkSession: true }), {
    ok: false,
    error: "temporarily_unavailable",
    status: 503,
    reason: "ERR_STORE_UNAVAILABLE",
  });
  assert.equal((await sessions.verify(pair.access)).ok, true);
  for (const method of ["create", "transact", "bumpEpoch", "list"]) faulty.fail(method, "before");
  for (const call of [
    () => signIn(),
    () => sessions.revoke(pair.refresh),
    () => sessions.revokeAll("ada"),
    () => sessions.list("ada"),
  ]) {
    await assert.rejects(call, { name: "SessionError", code: "ERR_STORE_UNAVAILABLE" });
  }
  faulty.heal();
  assert.equal((await refresh(pair.refresh)).ok, true);
  assert.ok(events.some(({ type, cause }) => type === "store_failed" && cause.message === "down"));
});

test("an answer lost after the write is given again", async () => {
  for (const method of ["transact", "compareAndSet"]) {
    const faulty = fails(method === "transact" ? memoryStore() : withoutTransact(memoryStore()));
    const { signIn, refresh, later } = bed({ store: faulty.store });
    const pair = await signIn();
    faulty.fail(method, "after");
    assert.deepEqual(await refresh(pair.refresh), NOT_NOW);
    faulty.heal();
    later(29);
    const again = await refresh(pair.refresh);
    assert.equal(again.outcome, "grace");
    assert.equal(parts(again.refresh).payload.gen, 1);
  }
});

test("other writers that are always faster make a retry, not a sign-out", async () => {
  const inner = withoutTransact(memoryStore());
  let busy = false;
  const store = { ...inner, compareAndSet: async (...all) => (busy ? false : inner.compareAndSet(...all)) };
  const { signIn, refresh } = bed({ store });
  const pair = await signIn();
  busy = true;
  assert.deepEqual(await refresh(pair.refresh), NOT_NOW);
  busy = false;
  assert.equal((await refresh(pair.refresh)).outcome, "rotated");
});

test("a store that lost its records is answered closed, and heard of", async () => {
  const { make, signIn, types } = bed();
  const pair = await signIn();
  const after = make({ store: memoryStore() });
  assert.equal((await after.refresh(pair.refresh, { transport: "cookie" })).error, "invalid_grant");
  assert.deepEqual(types(), ["issued", "regression"]);
});

test("a store that went back in time ends the session, and is heard of", async () => {
  const rows = new Map();
  const { signIn, refresh, later, types } = bed({ store: rewindable(rows) });
  const first = await signIn();
  const backup = new Map([...rows].map(([name, row]) => [name, { ...row }]));
  const second = await refresh(first.refresh);
  later(60);
  const third = await refresh(second.refresh);
  for (const [name, row] of backup) rows.set(name, { ...row });
  assert.equal((await refresh(third.refresh)).error, "invalid_grant");
  assert.equal((await refresh(first.refresh)).error, "invalid_grant");
  assert.deepEqual(types(), ["issued", "rotated", "rotated", "regression", "revoked"]);
});

test("a record of a later version is left alone", async () => {
  const rows = new Map();
  const { signIn, refresh, types } = bed({ store: rewindable(rows) });
  const pair = await signIn();
  const [row] = rows.values();
  const record = row.record.slice();
  row.record = Uint8Array.from(record, (byte, i) => (i === 0 ? 3 : byte));
  assert.deepEqual(await refresh(pair.refresh), NOT_NOW);
  row.record = record;
  assert.equal((await refresh(pair.refresh)).ok, true);
  assert.deepEqual(types(), ["issued", "record_unreadable", "rotated"]);
});

test("a clock that steps back an hour signs nobody out", async () => {
  const { signIn, refresh, later, types } = bed();
  const first = await signIn();
  let pair = await refresh(first.refresh);
  later(-3600);
  const early = await refresh(pair.refresh);
  assert.equal(early.outcome, "debounced");
  for (const outcome of ["rotated", "rotated"]) {
    later(31);
    pair = await refresh(pair.refresh);
    assert.equal(pair.outcome, outcome);
  }
  assert.ok(types().includes("clock_regression"));
  later(3600);
  assert.equal((await refresh(pair.refresh)).outcome, "rotated");
});

test("a store's own clock goes before the server's", async () => {
  const inner = withoutTransact(memoryStore());
  let now = START;
  const store = {
    ...inner,
    load: async (key) => {
      const loaded = await inner.load(key);
      return loaded && { ...loaded, now };
    },
  };
  const { signIn, refresh, later } = bed({ store });
  const first = await signIn();
  await refresh(first.refresh);
  later(10_000);
  now += 5;
  assert.equal((await refresh(first.refresh)).outcome, "grace");
});

test("claims are read again at every refresh", async () => {
  let role = "admin";
  const seen = [];
  const { sessions, signIn, refresh, later, types } = bed({
    claims: async (session) => {
      seen.push(session);
      return { role, sub: "mallory", exp: 1 };
    },
  });
  const first = await signIn({ claims: { role: "user" }, device: "phone" });
  assert.equal(first.claims.role, "user");
  const second = await refresh(first.refresh);
  assert.equal(second.claims.role, "admin");
  assert.equal(second.claims.sub, "ada");
  assert.equal(seen[0].claims.role, "user");
  assert.equal(seen[0].device, "phone");
  assert.equal(seen[0].refreshedAt, START);
  role = "none";
  later(60);
  assert.equal((await refresh(second.refresh)).claims.role, "none");
  assert.deepEqual((await sessions.list("ada"))[0].claims, { role: "none" });
  assert.deepEqual(types().filter((type) => type === "claims_dropped").length, 2);
});

test("a claims callback that fails commits nothing and signs nobody out", async () => {
  let fail = true;
  const { signIn, refresh, types } = bed({
    claims: () => {
      if (fail) throw new Error("directory is down");
      return { role: "admin" };
    },
  });
  const pair = await signIn();
  assert.deepEqual(await refresh(pair.refresh), NOT_NOW);
  assert.deepEqual(types(), ["issued", "claims_failed"]);
  fail = false;
  assert.equal((await refresh(pair.refresh)).outcome, "rotated");
  for (const bad of [() => null, () => [], () => "admin", () => ({ n: 1n }), async () => undefined]) {
    const other = bed({ claims: bad });
    assert.deepEqual(await other.refresh((await other.signIn()).refresh), NOT_NOW, String(bad));
  }
});

test("what betrays a thief does not wait for a claims callback that is down", async () => {
  let fail = false;
  const { signIn, refresh, later, types } = bed({
    claims: () => {
      if (fail) throw new Error("directory is down");
      return {};
    },
  });
  const first = await signIn();
  const second = await refresh(first.refresh);
  later(60);
  await refresh(second.refresh);
  fail = true;
  assert.equal((await refresh(first.refresh)).error, "invalid_grant");
  assert.ok(types().includes("reuse"));
});

test("claims that grew too large are left out, and heard of", async () => {
  const { signIn, refresh, events } = bed({ claims: () => ({ list: "x".repeat(3000) }) });
  const pair = await signIn({ claims: { role: "user" } });
  const next = await refresh(pair.refresh);
  assert.equal(next.claims.role, "user");
  assert.equal(next.claims.list, undefined);
  assert.deepEqual(events[1], { type: "claims_dropped", reason: "too_large", names: [], sid: pair.sid, sub: "ada" });
});

test("claims read for an earlier record never overwrite a later one", async () => {
  const answers = [];
  const waiting = [];
  const { signIn, refresh } = bed({
    claims: () => new Promise((resolve) => waiting.push(resolve)),
  });
  const pair = await signIn();
  const both = [refresh(pair.refresh), refresh(pair.refresh)];
  while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
  // The second was asked later and answers first: its role counts, the first's is stale.
  waiting[1]({ role: "demoted" });
  answers.push(await both[1]);
  waiting[0]({ role: "admin" });
  answers.push(await both[0]);
  assert.deepEqual(
    answers.map(({ claims }) => claims.role),
    ["demoted", "demoted"],
  );
  assert.equal(answers[0].refresh, answers[1].refresh);
});

for (const [how, on] of [
  [
    "throws",
    () => {
      throw new Error("pager is down");
    },
  ],
  ["rejects", () => Promise.reject(new Error("pager is down"))],
]) {
  // A rejection that nobody handles would fail the test, as it would end a server.
  test(`a handler of events that ${how} harms nobody`, async () => {
    const keys = { access: SECRET };
    const sessions = createSessions({ issuer: "i", audience: "a", clientId: "c", keys, store: memoryStore(), on });
    const pair = await sessions.issue({ sub: "ada" });
    assert.equal((await sessions.refresh(pair.refresh)).ok, true);
    await new Promise(setImmediate);
  });
}

/** A store whose every answer comes later. */
function slow(store) {
  const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
  return Object.fromEntries(
    Object.entries(store).map(([name, method]) =>
      typeof method !== "function"
        ? [name, method]
        : [
            name,
            async (...all) => {
              await pause();
              return method(...all);
            },
          ],
    ),
  );
}

/** A store whose methods can be made to fail, before or after they do their work. */
function fails(inner) {
  const faults = new Map();
  const store = Object.fromEntries(
    Object.entries(inner).map(([name, method]) => {
      if (typeof method !== "function") return [name, method];
      const faulty = async (...all) => {
        const when = faults.get(name);
        if (when === "before") throw new Error("down");
        const result = await method(...all);
        if (when === "after") throw new Error("down");
        return result;
      };
      return [name, faulty];
    }),
  );
  return { store, fail: (method, when) => faults.set(method, when), heal: () => faults.clear() };
}

/** The least that a store can be, over a map that a test can turn back. */
function rewindable(rows) {
  return {
    ...memoryStore(),
    create: async ({ sid }, record) => !rows.has(sid) && Boolean(rows.set(sid, { record, version: 1 })),
    load: async ({ sid }) => (rows.has(sid) ? { ...rows.get(sid), epoch: 0 } : null),
    transact: async ({ sid }, command) => {
      const { record, outcome } = runStep(rows.get(sid)?.record ?? null, 0, command);
      if (record) rows.get(sid).record = record;
      return outcome;
    },
  };
}
