// Keys come and go, and nobody is signed out by it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bed, OTHER, parts, SECRET } from "./session-bed.mjs";

const cookie = { transport: "cookie" };

test("a refresh key is deployed second, then moved to the front, then the old one is dropped", async () => {
  const { make, later } = bed();
  const keys = (...refresh) => make({ keys: { access: SECRET, refresh } });
  const [oldOnly, oldFirst, newFirst, newOnly] = [keys(SECRET), keys(SECRET, OTHER), keys(OTHER, SECRET), keys(OTHER)];

  let pair = await oldOnly.issue({ sub: "ada", ...cookie });
  const oldKid = parts(pair.refresh).header.kid;
  pair = await oldFirst.refresh(pair.refresh, cookie);
  assert.equal(parts(pair.refresh).header.kid, oldKid);
  later(60);
  const next = await newFirst.refresh(pair.refresh, cookie);
  assert.notEqual(parts(next.refresh).header.kid, oldKid);
  // A server that has not moved it to the front yet makes the same successor.
  assert.equal((await oldFirst.refresh(pair.refresh, cookie)).refresh, next.refresh);
  later(60);
  const last = await newOnly.refresh(next.refresh, cookie);
  assert.equal(last.outcome, "rotated");
  assert.equal(parts(last.refresh).header.kid, parts(next.refresh).header.kid);
});

test("an unknown key keeps the session and is heard of", async () => {
  const { make, signIn, refresh, types, store } = bed();
  const pair = await signIn();
  const without = make({ keys: { access: OTHER } });
  const before = await store.load({ iss: "https://id.example", sub: "ada", sid: pair.sid });
  assert.deepEqual(await without.refresh(pair.refresh, cookie), {
    ok: false,
    error: "temporarily_unavailable",
    status: 503,
    retryable: true,
    retryAfter: 1,
  });
  assert.deepEqual(await store.load({ iss: "https://id.example", sub: "ada", sid: pair.sid }), before);
  assert.equal(await without.revoke(pair.refresh), false);
  assert.equal((await refresh(pair.refresh)).outcome, "rotated");
  assert.deepEqual(types(), ["issued", "unknown_kid", "unknown_kid", "rotated"]);
});

test("a successor whose key has not arrived here is asked for again", async () => {
  const { make, signIn, types } = bed({ keys: { access: SECRET, refresh: SECRET } });
  const pair = await signIn();
  const ahead = make({ keys: { access: SECRET, refresh: [OTHER, SECRET] } });
  const behind = make({ keys: { access: SECRET, refresh: SECRET } });
  const next = await ahead.refresh(pair.refresh, cookie);
  assert.equal((await behind.refresh(pair.refresh, cookie)).error, "temporarily_unavailable");
  assert.equal((await ahead.refresh(pair.refresh, cookie)).refresh, next.refresh);
  assert.ok(types().includes("unknown_kid"));
});

test("the access key rotates by kid, and derived refresh keys with it", async () => {
  const { make, later } = bed();
  const before = make({ keys: { access: SECRET } });
  const after = make({ keys: { access: [OTHER, SECRET] } });
  const done = make({ keys: { access: OTHER } });
  const pair = await before.issue({ sub: "ada", ...cookie });
  assert.equal((await after.verify(pair.access)).ok, true);
  assert.equal((await done.verify(pair.access)).reason, "ERR_JWT_FOREIGN");
  later(60);
  const next = await after.refresh(pair.refresh, cookie);
  assert.equal((await done.verify(next.access)).ok, true);
  later(60);
  assert.equal((await done.refresh(next.refresh, cookie)).outcome, "rotated");
});

test("keys have names, of their own or given", async () => {
  const { make } = bed();
  const bytes = new TextEncoder().encode(SECRET);
  const [text, binary] = [make({ keys: { access: SECRET } }), make({ keys: { access: bytes } })];
  const pair = await text.issue({ sub: "ada" });
  assert.equal((await binary.verify(pair.access)).ok, true);
  assert.match(parts(pair.access).header.kid, /^[\w-]{8}$/);
  const named = await make({
    keys: { access: { kid: "2026-11", secret: bytes }, refresh: { kid: "r1", secret: OTHER } },
  }).issue({ sub: "ada" });
  assert.equal(parts(named.access).header.kid, "2026-11");
  // With a fingerprint: a name that is used again is another key.
  assert.match(parts(named.refresh).header.kid, /^r1\.[\w-]{8}$/);
});

test("a key that is retired ends its sessions, one that is only missing does not", async () => {
  const { make, later, events } = bed();
  const keys = (refresh, retired) => make({ keys: { access: SECRET, refresh, retired } });
  const old = { kid: "old", secret: SECRET };
  const fresh = { kid: "new", secret: OTHER };
  const pair = await keys(old).issue({ sub: "ada", ...cookie });
  const { kid } = parts(pair.refresh).header;
  assert.equal((await keys(fresh).refresh(pair.refresh, cookie)).error, "temporarily_unavailable");
  assert.deepEqual(events.at(-1), { type: "unknown_kid", kid });
  for (const retired of [["old"], [kid]]) {
    const answer = await keys(fresh, retired).refresh(pair.refresh, cookie);
    assert.deepEqual([answer.error, answer.retryable], ["invalid_grant", false]);
    assert.deepEqual(events.at(-1), { type: "retired_kid", kid });
  }
  // Its name is used again for another secret: not known, and not a wrong signature.
  const reused = keys({ kid: "old", secret: "a third secret, which is just as long as they are" });
  assert.equal((await reused.refresh(pair.refresh, cookie)).error, "temporarily_unavailable");
  assert.equal((await keys(old).refresh(pair.refresh, cookie)).outcome, "rotated");
  // Its own time is over, so no key can help.
  later(14 * 24 * 3600);
  assert.equal((await keys(fresh).refresh(pair.refresh, cookie)).error, "invalid_grant");
});

test("keys that contradict each other are refused by name", () => {
  const { make } = bed();
  const refresh = { kid: "a", secret: SECRET };
  for (const [keys, message] of [
    [{ access: SECRET, refresh, retired: ["a"] }, /keys\.retired: .*retired/],
    [{ access: SECRET, refresh, retired: "b" }, /keys\.retired must be an array/],
    [{ access: SECRET, refresh, retired: [""] }, /keys\.retired must be an array/],
    [{ access: SECRET, refresh: [] }, /keys\.refresh must hold at least one key/],
    [{ access: SECRET, retire: ["a"] }, /keys has no option "retire"/],
  ]) {
    assert.throws(() => make({ keys }), { message }, JSON.stringify(keys));
  }
});
