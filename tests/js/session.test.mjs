// A session from sign-in to logout.

import assert from "node:assert/strict";
import { test } from "node:test";

import jwt from "tandem-jwt";
import { newerRefresh } from "tandem-jwt/session";

import { bed, OTHER, parts, SECRET, START } from "./session-bed.mjs";

test("sign-in gives a pair", async () => {
  const { sessions, signIn, events } = bed();
  const pair = await signIn({ claims: { role: "admin" }, acr: "pwd", device: "Firefox on Linux" });

  assert.equal(pair.ok, true);
  assert.equal(pair.outcome, "issued");
  const access = parts(pair.access);
  assert.equal(access.header.typ, "at+jwt");
  assert.deepEqual(access.payload, pair.claims);
  const { exp, jti, sid, ...rest } = pair.claims;
  assert.deepEqual(rest, {
    iss: "https://id.example",
    sub: "ada",
    aud: "https://api.example",
    client_id: "web",
    iat: START,
    scope: "read write",
    auth_time: START,
    acr: "pwd",
    role: "admin",
  });
  assert.ok(exp > START + 15 * 60 * 0.95 - 1 && exp <= START + 15 * 60);
  assert.equal(pair.expiresIn, exp - START);
  assert.match(jti, /^[\w-]{22}$/);
  assert.match(sid, /^[\w-]{22}$/);
  assert.equal(pair.refreshExpiresIn, 14 * 24 * 3600);
  assert.equal(pair.handedOutAt, START);

  const refresh = parts(pair.refresh);
  assert.deepEqual(Object.keys(refresh.header), ["alg", "typ", "kid"]);
  assert.equal(refresh.header.typ, "rt+jwt");
  assert.deepEqual(Object.keys(refresh.payload), ["iss", "sub", "sid", "gen", "jti", "iat", "exp"]);
  assert.deepEqual(await sessions.verify(pair.access), { ok: true, claims: pair.claims });
  assert.deepEqual(events, [{ type: "issued", sid, sub: "ada" }]);
});

test("an access token verifies as a plain token, a refresh token never does", async () => {
  const { signIn } = bed();
  const pair = await signIn();
  const clockTimestamp = START + 1;
  assert.deepEqual(jwt.verify(pair.access, SECRET, { clockTimestamp }), pair.claims);
  assert.throws(() => jwt.verify(pair.refresh, SECRET, { clockTimestamp }), { message: "invalid signature" });
  const separate = bed({ keys: { access: SECRET, refresh: OTHER } });
  const other = await separate.signIn();
  for (const secret of [SECRET, OTHER]) {
    assert.throws(() => jwt.verify(other.refresh, secret, { clockTimestamp }), { message: "invalid signature" });
  }
});

test("neither token passes for the other", async () => {
  const { sessions, signIn, refresh } = bed();
  const pair = await signIn();
  assert.deepEqual(await refresh(pair.access), { ok: false, error: "invalid_grant", status: 400, retryable: false });
  assert.deepEqual(await sessions.verify(pair.refresh), {
    ok: false,
    error: "invalid_token",
    status: 401,
    reason: "ERR_JWT_FOREIGN",
  });
});

test("each refresh gives another pair", async () => {
  const { signIn, refresh, later, types } = bed();
  let pair = await signIn();
  for (let generation = 1; generation <= 3; generation++) {
    later(60);
    const next = await refresh(pair.refresh);
    assert.equal(next.outcome, "rotated");
    assert.equal(parts(next.refresh).payload.gen, generation);
    assert.equal(next.sid, pair.sid);
    assert.notEqual(next.access, pair.access);
    assert.equal(next.refreshExpiresIn, 14 * 24 * 3600);
    pair = next;
  }
  assert.deepEqual(types(), ["issued", "rotated", "rotated", "rotated"]);
});

test("a retry gets the same successor, again and again within the grace", async () => {
  const { signIn, refresh, later } = bed();
  const first = await signIn();
  const second = await refresh(first.refresh);
  for (const wait of [0, 0, 10, 20, 30]) {
    later(wait);
    const again = await refresh(first.refresh);
    assert.equal(again.outcome, "grace");
    assert.equal(again.refresh, second.refresh);
  }
});

test("a token is handed out again so many times and no more", async () => {
  const { signIn, refresh, later, types } = bed({ handOuts: 2 });
  const first = await signIn();
  await refresh(first.refresh);
  for (const expected of ["grace", "grace", "debounced", "debounced"]) {
    later(1);
    const again = await refresh(first.refresh);
    assert.equal(again.outcome, expected);
    assert.equal(again.refreshChanged, expected === "grace");
    assert.equal(again.refresh === first.refresh, expected === "debounced");
    assert.ok(again.access);
  }
  assert.deepEqual(types().slice(-2), ["hand_outs_used", "hand_outs_used"]);
});

test("the newest token waits while it may be on its way to another tab", async () => {
  const { sessions, signIn, refresh, later } = bed();
  const second = await refresh((await signIn()).refresh);
  later(30);
  const early = await refresh(second.refresh);
  assert.equal(early.outcome, "debounced");
  assert.deepEqual([early.refresh, early.refreshChanged], [second.refresh, false]);
  assert.equal((await sessions.verify(early.access)).ok, true);
  later(1);
  assert.equal((await refresh(second.refresh)).outcome, "rotated");
});

test("a lost answer is recovered from days later, and the lost token is burned", async () => {
  const { signIn, refresh, later, types } = bed();
  const first = await signIn();
  const lost = await refresh(first.refresh);
  later(3 * 24 * 3600);
  const recovered = await refresh(first.refresh);
  assert.equal(recovered.outcome, "recovered");
  assert.notEqual(recovered.refresh, lost.refresh);
  // Whoever holds the lost token shows that there are two.
  assert.deepEqual(await refresh(lost.refresh), { ok: false, error: "invalid_grant", status: 400, retryable: false });
  assert.deepEqual(await refresh(recovered.refresh), {
    ok: false,
    error: "invalid_grant",
    status: 400,
    retryable: false,
  });
  assert.deepEqual(types(), ["issued", "rotated", "recovered", "reuse", "revoked"]);
});

test("there is no recovery in profile strict, or after the end of a shorter one", async () => {
  const strict = bed({ profile: "strict" });
  let first = await strict.signIn();
  await strict.refresh(first.refresh);
  strict.later(31);
  assert.equal((await strict.refresh(first.refresh)).error, "invalid_grant");

  const { signIn, refresh, later, types } = bed({ recovery: "7d" });
  first = await signIn();
  await refresh(first.refresh);
  later(7 * 24 * 3600 + 1);
  assert.equal((await refresh(first.refresh)).error, "invalid_grant");
  assert.deepEqual(types(), ["issued", "rotated", "reuse"]);
});

test("an expired access token says so", async () => {
  const { sessions, signIn, later } = bed();
  const { access } = await signIn();
  later(15 * 60);
  assert.deepEqual(await sessions.verify(access), {
    ok: false,
    error: "invalid_token",
    status: 401,
    reason: "ERR_JWT_EXPIRED",
  });
});

test("tokens of another issuer or for another audience are refused", async () => {
  const { make, signIn } = bed();
  const pair = await signIn();
  const issuer = make({ issuer: "https://elsewhere.example" });
  const audience = make({ audience: ["https://other.example"] });
  assert.equal((await issuer.verify(pair.access)).reason, "ERR_JWT_CLAIM");
  assert.equal((await audience.verify(pair.access)).reason, "ERR_JWT_CLAIM");
  assert.equal((await issuer.refresh(pair.refresh, { transport: "cookie" })).error, "invalid_grant");
  assert.equal(await issuer.revoke(pair.refresh), false);
  assert.equal(
    (await make({ audience: ["https://other.example", "https://api.example"] }).verify(pair.access)).ok,
    true,
  );
});

test("an access token that expires early does so by a twentieth at most", async () => {
  const { signIn } = bed();
  const lives = new Set();
  for (let i = 0; i < 50; i++) lives.add((await signIn()).expiresIn);
  assert.ok(lives.size > 1);
  assert.ok(Math.min(...lives) >= 855 && Math.max(...lives) <= 900);
  const short = bed({ accessTtl: 59 });
  for (let i = 0; i < 20; i++) assert.equal((await short.signIn()).expiresIn, 59);
});

test("the refresh token of an answer is always the one to keep", async () => {
  const { sessions, later } = bed();
  const first = await sessions.issue({ sub: "ada", transport: "cookie" });
  const kept = (pair) => [typeof pair.refresh, pair.refreshChanged, pair.setCookies.length];
  assert.deepEqual(kept(first), ["string", true, 1]);
  const second = await sessions.refresh(first.refresh, { transport: "cookie" });
  assert.deepEqual(kept(second), ["string", true, 1]);
  assert.match(
    second.setCookies[0],
    /^__Host-Http-refresh=[\w.-]+; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/,
  );
  later(1);
  const early = await sessions.refresh(second.refresh, { transport: "cookie" });
  assert.deepEqual([early.refresh, ...kept(early)], [second.refresh, "string", false, 0]);

  const bearer = await sessions.issue({ sub: "ada" });
  assert.deepEqual(bearer.setCookies, []);
});

test("of two refresh tokens of one session the later one is kept", async () => {
  const { signIn, refresh } = bed();
  const first = await signIn();
  const second = await refresh(first.refresh);
  const other = await signIn();
  assert.equal(newerRefresh(second.refresh, first.refresh), second.refresh);
  assert.equal(newerRefresh(first.refresh, second.refresh), second.refresh);
  assert.equal(newerRefresh(second.refresh, other.refresh), other.refresh);
  for (const nothing of [null, undefined, "", "x.y.z"])
    assert.equal(newerRefresh(nothing, first.refresh), first.refresh);
});

test("by bearer a lost answer is recovered from for as long as the session lives", async () => {
  const { sessions, later } = bed();
  const first = await sessions.issue({ sub: "ada" });
  await sessions.refresh(first.refresh);
  later(13 * 86_400);
  const found = await sessions.refresh(first.refresh);
  assert.equal(found.outcome, "recovered");
  assert.equal(found.refreshChanged, true);
});

test("reuse says what it rests on", async () => {
  const strict = bed({ profile: "strict", recovery: undefined });
  const lost = await strict.sessions.issue({ sub: "ada" });
  await strict.sessions.refresh(lost.refresh);
  strict.later(31);
  const late = await strict.sessions.refresh(lost.refresh);
  assert.deepEqual([late.error, late.status], ["invalid_grant", 400]);
  assert.equal(strict.events.find(({ type }) => type === "reuse").evidence, "late-parent");

  const usual = bed();
  const stolen = await usual.sessions.issue({ sub: "ada" });
  const second = await usual.sessions.refresh(stolen.refresh);
  usual.later(31);
  await usual.sessions.refresh(second.refresh);
  assert.equal((await usual.sessions.refresh(stolen.refresh)).ok, false);
  assert.equal(usual.events.find(({ type }) => type === "reuse").evidence, "older");
});

test("an option that is not known is refused by name", async () => {
  assert.throws(() => bed({ accessTTL: "5m" }), {
    code: "ERR_SESSION_OPTIONS",
    message: /"accessTTL": did you mean "accessTtl"/,
  });
  const { sessions, signIn } = bed();
  const { access, refresh } = await signIn();
  await assert.rejects(sessions.refresh(refresh, { scopes: "read" }), {
    code: "ERR_SESSION_REQUEST",
    message: /"scopes"/,
  });
  await assert.rejects(sessions.verify(access, { checksession: true }), { code: "ERR_SESSION_REQUEST" });
});

test("a step-up takes no subject from its request", async () => {
  const { sessions, signIn } = bed();
  const { refresh } = await signIn();
  await assert.rejects(sessions.stepUp(refresh, { acr: "otp", sub: "mallory", transport: "cookie" }), {
    message: /stepUp has no option "sub"/,
  });
  assert.equal((await sessions.stepUp(refresh, { acr: "otp", transport: "cookie" })).sub, "ada");
});
