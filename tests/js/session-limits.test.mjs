// How many sessions one user has, and ages where clocks differ.

import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryStore } from "tandem-jwt/session";

import { bed, START } from "./session-bed.mjs";

test("a session too many ends one that nobody refreshes, then the one that was idle for the longest", async () => {
  const { signIn, refresh, sessions, later, events } = bed({ maxSessions: 3 });
  const named = async (device) => (await signIn({ device })).refresh;
  const live = async () => (await sessions.list("ada")).map(({ device }) => device);
  let laptop = await named("laptop");
  later(3600);
  const phone = await named("phone");
  later(3600);
  laptop = (await refresh(laptop)).refresh;
  await refresh(phone);
  await named("script 1");
  later(3600);
  await named("script 2");
  assert.deepEqual(await live(), ["laptop", "phone", "script 2"]);
  // The newest was not refreshed either, but its access token may still be in use.
  later(60);
  await named("tablet");
  assert.deepEqual(await live(), ["phone", "script 2", "tablet"]);
  assert.equal((await refresh(laptop)).error, "invalid_grant");
  assert.deepEqual(
    events.filter(({ type }) => type === "evicted").map(({ sub }) => sub),
    ["ada", "ada"],
  );
});

test("a session that is about to be replaced does not count", async () => {
  const { signIn, refresh, sessions, later } = bed({ maxSessions: 2 });
  const [a, b] = [await signIn({ device: "a" }), await signIn({ device: "b" })];
  later(60);
  await refresh(a.refresh);
  const raised = await sessions.stepUp(b.refresh, { acr: "mfa", transport: "cookie" });
  await refresh(raised.refresh);
  assert.deepEqual(
    (await sessions.list("ada")).map(({ device }) => device),
    ["a", "b"],
  );
});

test("a sign-in does not fail because the list did", async () => {
  const store = { ...memoryStore(), list: async () => Promise.reject(new Error("down")) };
  const { signIn, types } = bed({ store, maxSessions: 1 });
  assert.equal((await signIn()).ok, true);
  assert.deepEqual(types(), ["issued", "store_failed"]);
});

test("a limit that is none is refused by name", () => {
  const { make } = bed();
  for (const maxSessions of [0, -1, 1.5, "3", null]) {
    assert.throws(() => make({ maxSessions }), { code: "ERR_SESSION_OPTIONS", message: /maxSessions/ });
  }
});

test("whoever signs out everywhere and then in again is signed in, whatever the clocks show", async () => {
  for (const ahead of [-2000, -999, 0, 999, 2000]) {
    const clock = { ms: START * 1000 + 500 };
    const store = memoryStore({ nowMs: () => clock.ms + ahead });
    const { sessions, signIn } = bed({ store, now: () => clock.ms / 1000 });
    await sessions.revokeAll("ada");
    clock.ms += 1;
    const authTime = clock.ms / 1000;
    clock.ms += 200;
    assert.equal((await signIn({ authTime })).claims.auth_time, START);
    // Signed out while the sign-in goes on.
    const begun = clock.ms / 1000;
    clock.ms += 100;
    await sessions.revokeAll("ada");
    clock.ms += 100;
    await assert.rejects(signIn({ authTime: begun }), { code: "ERR_SESSION_REVOKED" }, `ahead by ${ahead}`);
  }
});
