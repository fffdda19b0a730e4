// A second factor raises a session, and signs nobody out: answers are lost, buttons are pressed twice, stores fail.

import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryStore } from "tandem-jwt/session";

import { bed, parts, withoutTransact } from "./session-bed.mjs";

const cookie = { transport: "cookie" };
const mfa = { acr: "mfa", ...cookie };

for (const [name, wrap] of [
  ["transact", (store) => store],
  ["compareAndSet", withoutTransact],
]) {
  const raisedBed = () => bed({ store: wrap(memoryStore()) });

  test(`a second factor makes a new session, which takes the place of the old one when it is used (${name})`, async () => {
    const { sessions, signIn, refresh, later, types } = raisedBed();
    const low = await signIn({ acr: "pwd", claims: { role: "user" }, device: "phone" });
    const raised = await sessions.stepUp(low.refresh, mfa);
    assert.deepEqual([raised.claims.acr, raised.claims.role], ["mfa", "user"]);
    assert.notEqual(raised.sid, low.sid);
    assert.equal((await refresh(raised.refresh)).claims.acr, "mfa");
    // Tokens of the old one may still be on their way: no alarm, and no sign-out either.
    assert.deepEqual(await refresh(low.refresh), {
      ok: false,
      error: "temporarily_unavailable",
      status: 503,
      retryable: true,
      retryAfter: 1,
    });
    assert.equal((await sessions.verify(low.access, { checkSession: true })).ok, true);
    later(31);
    assert.equal((await refresh(low.refresh)).error, "invalid_grant");
    assert.equal((await sessions.verify(low.access, { checkSession: true })).ok, false);
    assert.deepEqual(
      (await sessions.list("ada")).map(({ sid, device }) => [sid, device]),
      [[raised.sid, "phone"]],
    );
    assert.ok(!types().includes("reuse"));
  });

  test(`an answer that is lost signs nobody out, and the next one counts (${name})`, async () => {
    const { sessions, signIn, refresh, later } = raisedBed();
    const low = await signIn({ acr: "pwd" });
    const lost = await sessions.stepUp(low.refresh, mfa);
    later(3600);
    const next = await refresh(low.refresh);
    assert.equal(next.outcome, "rotated");
    const raised = await sessions.stepUp(next.refresh, mfa);
    assert.equal((await refresh(lost.refresh)).error, "invalid_grant");
    assert.equal((await refresh(raised.refresh)).outcome, "rotated");
    assert.equal((await sessions.list("ada")).length, 1);
  });

  test(`two clicks are one (${name})`, async () => {
    const { sessions, signIn, refresh, later } = raisedBed();
    const low = await signIn({ acr: "pwd" });
    const [a, b] = await Promise.all([sessions.stepUp(low.refresh, mfa), sessions.stepUp(low.refresh, mfa)]);
    later(29);
    const c = await sessions.stepUp(low.refresh, mfa);
    assert.deepEqual([b.sid, c.sid], [a.sid, a.sid]);
    assert.deepEqual([b.refresh, c.refresh], [a.refresh, a.refresh]);
    const used = await refresh(b.refresh);
    assert.equal(used.outcome, "rotated");
    // The other answer comes late and puts its token over the newer one.
    assert.equal((await refresh(a.refresh)).refresh, used.refresh);
    assert.equal((await sessions.list("ada")).length, 1);
  });

  test(`what is asked for otherwise is another session, and the first is over (${name})`, async () => {
    const { sessions, signIn, refresh } = raisedBed();
    const low = await signIn({ acr: "pwd" });
    const first = await sessions.stepUp(low.refresh, mfa);
    const second = await sessions.stepUp(low.refresh, { acr: "hardware", ...cookie });
    assert.notEqual(second.sid, first.sid);
    assert.equal((await refresh(first.refresh)).error, "invalid_grant");
    assert.equal((await refresh(second.refresh)).claims.acr, "hardware");
  });

  test(`a raised session rests on the old one until it is used (${name})`, async () => {
    const { sessions, signIn, refresh, later } = raisedBed();
    let low = await signIn();
    let raised = await sessions.stepUp(low.refresh, mfa);
    await sessions.revoke(low.refresh);
    assert.equal((await sessions.verify(raised.access, { checkSession: true })).ok, false);
    assert.equal((await refresh(raised.refresh)).error, "invalid_grant");

    low = await signIn();
    const second = await refresh(low.refresh);
    later(60);
    const third = await refresh(second.refresh);
    raised = await sessions.stepUp(third.refresh, mfa);
    assert.equal((await refresh(low.refresh)).error, "invalid_grant", "a thief");
    assert.equal((await refresh(raised.refresh)).error, "invalid_grant");
    assert.deepEqual(await sessions.list("ada"), []);
  });

  test(`once it is used it stands alone, and can be raised further (${name})`, async () => {
    const { sessions, signIn, refresh, later } = raisedBed();
    const low = await signIn();
    const middle = await sessions.stepUp(low.refresh, mfa);
    // The token of a session that nobody has refreshed is used by this, too.
    const high = await sessions.stepUp(middle.refresh, { acr: "hardware", ...cookie });
    const used = await refresh(high.refresh);
    assert.equal(used.claims.acr, "hardware");
    later(31);
    for (const { refresh: token } of [low, middle]) assert.equal((await refresh(token)).error, "invalid_grant");
    await sessions.revokeAll("ada", { except: high.sid });
    assert.equal((await refresh(used.refresh)).ok, true);
  });

  test(`a sign-out everywhere that keeps the raised session keeps it (${name})`, async () => {
    const { sessions, signIn, refresh } = raisedBed();
    const low = await signIn();
    const raised = await sessions.stepUp(low.refresh, mfa);
    await sessions.revokeAll("ada", { except: raised.sid });
    assert.equal((await refresh(raised.refresh)).outcome, "rotated");
    assert.equal((await refresh(low.refresh)).error, "invalid_grant");
  });
}

test("a server that dies between any two writes leaves a retry that works", async () => {
  for (let dies = 1; dies <= 12; dies++) {
    let left = Number.POSITIVE_INFINITY;
    const store = memoryStore();
    const mortal = Object.fromEntries(
      ["create", "load", "compareAndSet"].map((method) => [
        method,
        async (...all) => {
          if (left-- <= 0) throw new Error("dead");
          return store[method](...all);
        },
      ]),
    );
    const { sessions, signIn, refresh } = bed({ store: { ...withoutTransact(store), ...mortal } });
    const low = await signIn();
    left = dies;
    let raised = await sessions.stepUp(low.refresh, mfa).catch(({ code }) => ({ code }));
    left = Number.POSITIVE_INFINITY;
    if (!raised.ok) raised = await sessions.stepUp(low.refresh, mfa);
    left = Math.max(0, dies - 6);
    let used = await refresh(raised.refresh);
    left = Number.POSITIVE_INFINITY;
    if (!used.ok) used = await refresh(raised.refresh);
    assert.equal(used.claims.acr, "mfa", `dies at ${dies}`);
    assert.equal(parts(used.refresh).payload.gen, 1);
  }
});

test("the claims callback is asked at the first refresh of a raised session too", async () => {
  const { sessions, signIn, refresh } = bed({ claims: () => ({ role: "fresh" }) });
  const low = await signIn({ claims: { role: "old" } });
  const raised = await sessions.stepUp(low.refresh, mfa);
  assert.equal((await refresh(raised.refresh)).claims.role, "fresh");
});
