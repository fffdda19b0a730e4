// How sessions end, what is listed of them, and what goes on afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";

import jwt from "tandem-jwt";

import { bed, SECRET, START } from "./session-bed.mjs";

test("a stolen token that was rotated twice revokes its session and no other", async () => {
  const { sessions, signIn, refresh, later, types } = bed();
  const [first, other] = [await signIn(), await signIn()];
  later(60);
  const second = await refresh(first.refresh);
  later(60);
  const third = await refresh(second.refresh);
  assert.equal((await refresh(first.refresh)).error, "invalid_grant");
  assert.equal((await refresh(third.refresh)).error, "invalid_grant");
  assert.deepEqual(await sessions.verify(third.access, { checkSession: true }), {
    ok: false,
    error: "invalid_token",
    status: 401,
    reason: "ERR_SESSION_REVOKED",
  });
  assert.equal((await refresh(other.refresh)).ok, true);
  assert.equal(types().filter((type) => type === "reuse").length, 1);
});

test("idle and absolute ends hold", async () => {
  const { signIn, refresh, later, types } = bed({ refreshIdle: "10m", absolute: "25m" });
  const idle = await signIn();
  later(600);
  assert.equal((await refresh(idle.refresh)).error, "invalid_grant");

  let pair = await signIn();
  for (let i = 0; i < 2; i++) {
    later(599);
    pair = await refresh(pair.refresh);
  }
  later(302);
  assert.equal((await refresh(pair.refresh)).error, "invalid_grant");
  assert.deepEqual(types(), ["issued", "expired", "issued", "rotated", "rotated", "expired"]);
});

test("an access token never outlives its session", async () => {
  const { signIn, refresh, later } = bed({ refreshIdle: "10m", absolute: "20m", recovery: 0, accessTtl: "15m" });
  const pair = await signIn();
  later(599);
  const next = await refresh(pair.refresh);
  assert.equal(next.claims.exp, START + 20 * 60);
  assert.equal(next.refreshExpiresIn, 600);
});

test("a scope narrows one access token, and never widens", async () => {
  const { sessions, signIn, refresh, later } = bed();
  const first = await signIn();
  const narrow = await refresh(first.refresh, { scope: "read" });
  assert.equal(narrow.scope, "read");
  assert.equal(narrow.claims.scope, "read");
  assert.equal((await sessions.verify(narrow.access, { scope: "read" })).ok, true);
  assert.deepEqual(await sessions.verify(narrow.access, { scope: "read write" }), {
    ok: false,
    error: "insufficient_scope",
    status: 403,
    reason: "ERR_SCOPE",
  });
  later(60);
  for (const scope of ["admin", "read admin", "", "read  write"]) {
    assert.deepEqual(await refresh(narrow.refresh, { scope }), {
      ok: false,
      error: "invalid_scope",
      status: 400,
      retryable: false,
    });
  }
  assert.equal((await refresh(narrow.refresh)).scope, "read write");
});

test("a session keeps to its transport, and a mistake in it harms nothing", async () => {
  const { sessions, signIn, refresh, types } = bed();
  const pair = await signIn();
  assert.equal((await sessions.refresh(pair.refresh)).error, "invalid_grant");
  assert.equal((await refresh(pair.refresh)).outcome, "rotated");
  assert.deepEqual(types(), ["issued", "binding_mismatch", "rotated"]);
});

test("logout ends a session by either token, and twice is no mistake", async () => {
  const { sessions, signIn, refresh, later } = bed();
  for (const which of ["access", "refresh"]) {
    const pair = await signIn();
    later(24 * 3600);
    assert.equal(await sessions.revoke(pair[which]), true);
    assert.equal(await sessions.revoke(pair[which]), true);
    assert.equal((await refresh(pair.refresh)).error, "invalid_grant");
  }
  assert.equal(await sessions.revoke("a.b.c"), false);
  assert.equal(await sessions.revoke(jwt.sign({ sub: "ada" }, SECRET)), false);
});

test("signing out everywhere can keep one session, and only one that lived", async () => {
  const { sessions, signIn, refresh, later } = bed();
  const [one, two, three] = [await signIn(), await signIn(), await signIn({ sub: "alan" })];
  await sessions.revokeAll("ada", { except: two.sid });
  assert.equal((await refresh(one.refresh)).error, "invalid_grant");
  const kept = await refresh(two.refresh);
  assert.equal(kept.outcome, "rotated");
  assert.equal((await refresh(three.refresh)).outcome, "rotated");
  later(60);
  await sessions.revokeAll("ada", { except: one.sid });
  assert.equal((await refresh(one.refresh)).error, "invalid_grant");
  assert.equal((await refresh(kept.refresh)).error, "invalid_grant");
  assert.equal((await signIn()).ok, true);
});

test("a session kept twice before it was used is still there", async () => {
  const { sessions, signIn, refresh, later } = bed();
  const pair = await signIn();
  await sessions.revokeAll("ada", { except: pair.sid });
  later(10);
  await sessions.revokeAll("ada", { except: pair.sid });
  assert.equal((await sessions.verify(pair.access, { checkSession: true })).ok, true);
  assert.equal((await refresh(pair.refresh)).outcome, "rotated");
});

test("a sign-in that was overtaken by signing out everywhere fails", async () => {
  const { sessions, signIn, later, clock } = bed();
  const authTime = clock.now;
  later(1);
  await sessions.revokeAll("ada");
  await assert.rejects(signIn({ authTime }), { code: "ERR_SESSION_REVOKED" });
  assert.deepEqual(await sessions.list("ada"), []);
  // By the age of both, in parts of a second.
  await assert.rejects(signIn({ authTime: clock.now - 0.5 }), { code: "ERR_SESSION_REVOKED" });
  const pair = await signIn({ authTime: clock.now });
  assert.equal(pair.claims.auth_time, clock.now);
});

test("the list shows sessions that live", async () => {
  const { sessions, signIn, refresh, later } = bed();
  const one = await signIn({ device: "Firefox on Linux", claims: { role: "admin" }, acr: "mfa" });
  const two = await signIn();
  later(100);
  await refresh(one.refresh);
  await sessions.revoke(two.refresh);
  assert.deepEqual(await sessions.list("ada"), [
    {
      sid: one.sid,
      sub: "ada",
      createdAt: START,
      refreshedAt: START + 100,
      expiresAt: START + 100 + 14 * 24 * 3600,
      absoluteExpiresAt: START + 90 * 24 * 3600,
      transport: "cookie",
      scope: "read write",
      acr: "mfa",
      authTime: START,
      claims: { role: "admin" },
      device: "Firefox on Linux",
    },
  ]);
  assert.deepEqual(await sessions.list("nobody"), []);
});

test("a list of many pages is whole, and what has expired is swept", async () => {
  const { sessions, signIn, store, later, clock } = bed({ refreshIdle: "1h" });
  for (let i = 0; i < 250; i++) await signIn();
  assert.equal(new Set((await sessions.list("ada")).map(({ sid }) => sid)).size, 250);
  later(3600);
  assert.deepEqual(await sessions.list("ada"), []);
  assert.equal(await store.sweep(clock.now, 200), 200);
  assert.equal(await store.sweep(clock.now, 200), 50);
  assert.equal(await store.sweep(clock.now, 200), 0);
});

test("a stolen token steps nothing up", async () => {
  const { sessions, signIn, refresh, later, types } = bed();
  const first = await signIn();
  const second = await refresh(first.refresh);
  later(60);
  const third = await refresh(second.refresh);
  const answer = await sessions.stepUp(first.refresh, { acr: "mfa", transport: "cookie" });
  assert.deepEqual(answer, { ok: false, error: "invalid_grant", status: 400, retryable: false });
  assert.equal((await refresh(third.refresh)).error, "invalid_grant");
  assert.ok(types().includes("reuse"));
  await assert.rejects(sessions.stepUp(third.refresh, {}), { code: "ERR_SESSION_REQUEST" });
});
