import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { bundleWorker } from "../../www/build.mjs";

const fixture = path.join(path.dirname(fileURLToPath(import.meta.url)), "fixtures/store.js");
const soon = () => Math.floor(Date.now() / 1000) + 1_000;
const past = () => Math.floor(Date.now() / 1000) - 1;
const record = (...bytes) => ({ bytes });
const index = (expiresAt = soon()) => ({ expiresAt, active: true });

describe("the Durable Object store", () => {
  let mf;
  let subjects = 0;
  before(async () => {
    mf = new Miniflare({
      cf: false,
      modules: await bundleWorker(fixture),
      compatibilityDate: "2026-04-01",
      durableObjects: { SESSIONS: { className: "Sessions", useSQLite: true } },
    });
    await mf.ready;
  });
  after(() => mf.dispose());

  async function ask(message) {
    const response = await mf.dispatchFetch("http://store", { method: "POST", body: JSON.stringify(message) });
    assert.equal(response.status, 200);
    return (await response.json()).value;
  }

  /** The store as one user sees it. */
  function user() {
    subjects += 1;
    const subject = { iss: "https://app.example", sub: `user ${subjects}` };
    const key = (sid) => ({ ...subject, sid });
    return {
      create: (sid, ...rest) => ask({ method: "create", args: [key(sid), ...rest] }),
      load: (sid) => ask({ method: "load", args: [key(sid)] }),
      compareAndSet: (sid, ...rest) => ask({ method: "compareAndSet", args: [key(sid), ...rest] }),
      bumpEpoch: (...rest) => ask({ method: "bumpEpoch", args: [subject, ...rest] }),
      list: (cursor) =>
        ask({
          method: "list",
          args: cursor === undefined ? [subject.iss, subject.sub] : [subject.iss, subject.sub, cursor],
        }),
      object: (method) => ask({ method, args: [], subject }),
    };
  }

  test("a record is created once, and read as it was written", async () => {
    const store = user();
    assert.equal(await store.create("a", record(1, 0, 255), index()), true);
    assert.equal(await store.create("a", record(2), index()), false);
    const { epoch, ...row } = await store.load("a");
    assert.deepEqual(row, { record: record(1, 0, 255), version: 1 });
    assert.equal(epoch.value, 0);
    assert.equal(await store.load("b"), null);
  });

  test("users do not see each other", async () => {
    const [one, other] = [user(), user()];
    await one.create("a", record(1), index());
    assert.equal(await other.load("a"), null);
    assert.deepEqual((await other.list()).records, []);
    await other.bumpEpoch();
    assert.equal((await one.load("a")).epoch.value, 0);
  });

  test("of writers who read the same version one wins", async () => {
    const store = user();
    await store.create("a", record(0), index());
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, at) => store.compareAndSet("a", 1, record(at + 1), index())),
    );
    assert.equal(won.filter(Boolean).length, 1);
    const { record: kept, version } = await store.load("a");
    assert.deepEqual(kept, record(won.indexOf(true) + 1));
    assert.equal(version, 2);
    assert.equal(await store.compareAndSet("b", 1, record(1), index()), false);
  });

  test("what has expired is gone, whether or not it was collected", async () => {
    const store = user();
    await store.create("a", record(1), index(past()));
    await store.create("b", record(2), index());
    assert.equal(await store.load("a"), null);
    assert.deepEqual((await store.list()).records, [record(2)]);
  });

  test("an epoch grows at every change, and remembers whom it kept", async () => {
    const store = user();
    const before = Date.now();
    const first = await store.bumpEpoch();
    assert.ok(first >= before, "it is a time in milliseconds");
    const second = await store.bumpEpoch("a");
    assert.ok(second > first);
    await store.create("a", record(1), index());
    const epoch = async () => {
      const { clock, ...rest } = (await store.load("a")).epoch;
      assert.ok(Math.abs(clock - Date.now()) < 60_000);
      return rest;
    };
    assert.deepEqual(await epoch(), { value: second, keep: "a", keptFrom: first });
    const third = await store.bumpEpoch("a");
    assert.deepEqual(await epoch(), { value: third, keep: "a", keptFrom: first });
  });

  test("a long list comes in pages, each row once", async () => {
    const store = user();
    for (let at = 0; at < 130; at += 1) await store.create(`s${at}`, record(at), index());
    const first = await store.list();
    const second = await store.list(first.cursor);
    assert.equal(second.cursor, undefined);
    assert.deepEqual(
      [...first.records, ...second.records],
      Array.from({ length: 130 }, (_, at) => record(at)),
    );
  });

  test("the alarm is set for the first to expire, collects, and may come at any time and twice", async () => {
    const store = user();
    const expiresAt = soon();
    await store.create("late", record(1), index(expiresAt + 500));
    await store.create("early", record(2), index(expiresAt));
    const due = await store.object("due");
    assert.ok(due > expiresAt * 1_000 && due < (expiresAt + 7_200) * 1_000);
    await store.create("gone", record(3), index(past()));
    for (const _ of [1, 2]) assert.equal((await store.object("collect")).tables, 1);
    assert.equal((await store.list()).records.length, 2);
  });

  test("an object without sessions gives its storage back, and can be used again", async () => {
    const store = user();
    await store.create("a", record(1), index(past()));
    assert.deepEqual(await store.object("collect"), { alarm: null, tables: 0 });
    assert.equal(await store.load("a"), null);
    assert.equal(await store.create("a", record(2), index()), true);
    assert.equal((await store.load("a")).version, 1);
  });

  test("signing out everywhere leaves an alarm to a user without sessions", async () => {
    const store = user();
    await store.bumpEpoch();
    const due = await store.object("due");
    assert.ok(due > Date.now(), "the storage is given back some day");
  });

  test("an object does not give its storage back while an epoch is young", async () => {
    const store = user();
    const value = await store.bumpEpoch();
    await store.create("a", record(1), index(past()));
    const { alarm, tables } = await store.object("collect");
    assert.equal(tables, 1);
    assert.ok(alarm > Date.now());
    await store.create("b", record(1), index());
    assert.equal((await store.load("b")).epoch.value, value);
  });
});
