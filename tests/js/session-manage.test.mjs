// What may be known of a token, and done to a session, without holding it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryStore } from "tandem-jwt/session";

import { bed } from "./session-bed.mjs";

test("an access token is active while it is good and its session lives", async () => {
  const { sessions, signIn, later, events } = bed({ accessTtl: "10m", jitter: 0 });
  const { access, refresh, sid } = await signIn();
  const found = await sessions.introspect(access);
  assert.equal(found.active, true);
  assert.equal(found.claims.sid, sid);
  assert.equal(found.claims.scope, "read write");
  const before = events.length;
  for (const token of [refresh, `${access}x`, "x", "", undefined, null, 7, {}]) {
    assert.deepEqual(await sessions.introspect(token), { active: false });
  }
  assert.equal(events.length, before, "what anybody may ask is no event");
  later(600);
  assert.deepEqual(await sessions.introspect(access), { active: false });
});

test("it is not once its session was revoked, whether by itself or with all others", async () => {
  const { sessions, signIn } = bed();
  const one = await signIn();
  const two = await signIn();
  await sessions.revoke(one.refresh);
  assert.deepEqual(await sessions.introspect(one.access), { active: false });
  assert.equal((await sessions.introspect(two.access)).active, true);
  await sessions.revokeAll("ada");
  assert.deepEqual(await sessions.introspect(two.access), { active: false });
});

test("a token of another issuer is not active here", async () => {
  const { make, store, signIn } = bed();
  const { access } = await signIn();
  const other = make({ issuer: "https://other.example", store });
  assert.deepEqual(await other.introspect(access), { active: false });
});

test("a session is ended by its name, and only among those of its user", async () => {
  const { sessions, signIn, refresh, types } = bed();
  const one = await signIn();
  const two = await signIn();
  assert.equal(await sessions.revokeSession("alan", one.sid), false);
  assert.equal(await sessions.revokeSession("ada", "nobody"), false);
  assert.equal((await sessions.list("ada")).length, 2);
  assert.equal(await sessions.revokeSession("ada", one.sid), true);
  assert.equal((await refresh(one.refresh)).error, "invalid_grant");
  assert.equal((await refresh(two.refresh)).ok, true);
  assert.deepEqual(
    (await sessions.list("ada")).map(({ sid }) => sid),
    [two.sid],
  );
  assert.ok(types().includes("revoked"));
  assert.equal(await sessions.revokeSession("ada", one.sid), true, "twice is no mistake");
});

test("mistakes of a program are said, and a store that is away rejects", async () => {
  const { sessions, make, signIn } = bed();
  for (const [sub, sid] of [
    ["", "x"],
    ["ada", ""],
    [undefined, "x"],
    ["ada", 7],
  ]) {
    await assert.rejects(sessions.revokeSession(sub, sid), { code: "ERR_SESSION_REQUEST" });
  }
  const { access, sid } = await signIn();
  const away = make({ store: { ...memoryStore(), load: () => Promise.reject(new Error("away")) } });
  await assert.rejects(away.introspect(access), { code: "ERR_STORE_UNAVAILABLE" });
  await assert.rejects(away.revokeSession("ada", sid), { code: "ERR_STORE_UNAVAILABLE" });
});
