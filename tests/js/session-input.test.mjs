// What people and programs get wrong: every answer is clear, and nothing secret is in it.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import jwt from "tandem-jwt";
import { createSessions, memoryStore, runStep, SessionError } from "tandem-jwt/session";

import { bed, OTHER, parts, SECRET } from "./session-bed.mjs";

const GOOD = { issuer: "i", audience: "a", clientId: "c", keys: { access: SECRET } };

test("each wrong option is named", () => {
  const store = memoryStore();
  const cases = {
    issuer: [undefined, "", 1, "\ud800"],
    audience: [undefined, "", [], [1], null],
    clientId: [undefined, "", {}],
    "keys.access": [
      { access: undefined },
      { access: [] },
      { access: 1 },
      { access: null },
      { access: [SECRET, {}] },
      { access: "short" },
      { access: [SECRET, SECRET] },
      { access: { kid: "", secret: SECRET } },
      { access: { kid: "k".repeat(65), secret: SECRET } },
    ],
    "keys.refresh": [
      { access: SECRET, refresh: [] },
      { access: SECRET, refresh: "x".repeat(31) },
      { access: SECRET, refresh: [OTHER, 1] },
    ],
    accessTtl: [0, -1, 1.5, "15", "", "soon", NaN, {}, "-1h", "91d"],
    refreshIdle: ["10y", "30s", null],
    absolute: ["11y", Infinity],
    grace: [0, "15d", "500ms", "15"],
    recovery: ["15d", true],
    handOuts: [0, 1.5, 1001, "10"],
    jitter: [-0.1, 0.06, NaN, "0.01"],
    profile: ["paranoid"],
    claims: [{}],
    on: ["log"],
    now: [0],
  };
  for (const [option, values] of Object.entries(cases)) {
    for (const value of values) {
      const wrong = option.startsWith("keys.") ? { keys: value } : { [option]: value };
      const make = () => createSessions({ ...GOOD, store, ...wrong });
      assert.throws(
        make,
        (error) => {
          assert.ok(error instanceof SessionError, `${option} = ${String(value)}: ${error}`);
          const named = option === "refreshIdle" ? /refreshIdle|grace/ : new RegExp(option.replace(".", "\\."));
          assert.match(error.message, named);
          return !JSON.stringify([error.message, error]).includes(SECRET);
        },
        `${option} = ${JSON.stringify(value)}`,
      );
    }
  }
  assert.throws(() => createSessions(), /options must be an object/);
  assert.throws(() => createSessions({ ...GOOD, store, keys: undefined }), /keys\.access/);
  assert.throws(() => createSessions({ ...GOOD, store, profile: "strict", recovery: "1d" }), /recovery must be 0/);
});

test("stores that cannot hold sessions are refused", () => {
  const store = memoryStore();
  for (const bad of [undefined, null, {}, new Map(), { ...store, load: undefined }]) {
    assert.throws(() => createSessions({ ...GOOD, store: bad }), /store must have a method/);
  }
  for (const consistency of ["eventual", undefined, "strong"]) {
    assert.throws(() => createSessions({ ...GOOD, store: { ...store, consistency } }), {
      code: "ERR_SESSION_OPTIONS",
      message: /store must be linearizable/,
    });
  }
});

test("short lives pull the other times with them", () => {
  const store = memoryStore();
  for (const policy of [
    { refreshIdle: "1h" },
    { absolute: "1d" },
    { absolute: "1h", grace: "5s" },
    { refreshIdle: 40, accessTtl: 5 },
    { profile: "strict" },
  ]) {
    assert.ok(createSessions({ ...GOOD, store, ...policy }));
  }
});

test("what is no refresh token is refused", async () => {
  const { sessions, signIn, refresh, types } = bed();
  const pair = await signIn();
  const before = types().length;
  for (const none of [undefined, null, "", 1, {}, [], Buffer.from(pair.refresh)]) {
    assert.deepEqual(
      await refresh(none),
      { ok: false, error: "invalid_request", status: 400, retryable: false },
      String(none),
    );
  }
  const [header, payload, signature] = pair.refresh.split(".");
  const none = Buffer.from('{"alg":"none"}').toString("base64url");
  const wrong = [
    "a",
    "a.b",
    "a.b.c",
    "...",
    `${pair.refresh}x`,
    `${pair.refresh}.`,
    ` ${pair.refresh}`,
    `${header}.${payload}.`,
    `${none}.${payload}.`,
    `${header}.${payload}.${signature.slice(0, -1)}`,
    `${header}..${signature}`,
    jwt.sign({ sub: "ada" }, SECRET),
    pair.access,
    pair.refresh.replace("e", "ⅇ"),
    "\ud800",
    "x".repeat(20_000),
    "x".repeat(9_000_000),
    `${header}.${"A".repeat(1_000_000)}.${signature}`,
  ];
  for (const token of wrong) {
    assert.deepEqual(
      await refresh(token),
      { ok: false, error: "invalid_grant", status: 400, retryable: false },
      token.slice(0, 60),
    );
    assert.equal((await sessions.verify(token)).ok, token === pair.access);
    assert.equal(await sessions.revoke(token === pair.access ? "" : token), false);
  }
  for (const scope of [1, {}, null, ["read"]]) {
    assert.equal((await refresh(pair.refresh, { scope })).error, "invalid_request");
  }
  await assert.rejects(sessions.refresh(pair.refresh, { transport: "pigeon" }), { code: "ERR_SESSION_REQUEST" });
  assert.equal(types().length, before);
  assert.equal((await refresh(pair.refresh)).outcome, "rotated");
});

test("a scope as long as any is judged to its end", async () => {
  const { sessions, refresh, signIn } = bed();
  const pair = await signIn({ scope: "read write" });
  // Granted names up to the 65,535 bytes that a field of a command holds, and one more name after them.
  const granted = [...Array(13_106).fill("read"), "write"].join(" ");
  assert.equal(granted.length, 65_535);
  for (const scope of [`${granted} admin`, `${granted}s`, granted, `${"read ".repeat(900)}admin`, "read admin"]) {
    const answer = await refresh(pair.refresh, { scope });
    assert.deepEqual([answer.ok, answer.error], [false, "invalid_scope"], `${scope.length} characters`);
  }
  const repeated = await refresh(pair.refresh, { scope: "read read" });
  assert.equal((await sessions.verify(repeated.access, { scope: "read" })).ok, true);
});

test("what is no access token is refused", async () => {
  const { sessions } = bed();
  for (const none of [undefined, null, "", 1, {}]) {
    assert.deepEqual(await sessions.verify(none), {
      ok: false,
      error: "invalid_token",
      status: 401,
      reason: "ERR_JWT_MALFORMED",
    });
    assert.equal(await sessions.revoke(none), false);
  }
  assert.equal((await sessions.verify("x".repeat(9_000_000))).reason, "ERR_JWT_TOO_LARGE");
  assert.equal((await sessions.verify("a.b")).reason, "ERR_JWT_MALFORMED");
  const { header } = parts((await bed().signIn()).access);
  const forge = (payload) => jwt.sign(JSON.stringify(payload), SECRET, { header });
  for (const payload of [
    {},
    { sub: "ada" },
    { iss: "https://id.example", sub: "ada", sid: 1, exp: 9e9, iat: 1 },
    { iss: "https://id.example", sub: "a", sid: "s", exp: "9999999999", iat: 1 },
  ]) {
    assert.deepEqual(await sessions.verify(forge(payload)), {
      ok: false,
      error: "invalid_token",
      status: 401,
      reason: "ERR_JWT_CLAIM",
    });
  }
});

test("what cannot be issued says why", async () => {
  const { sessions, signIn } = bed();
  for (const request of [
    undefined,
    null,
    {},
    { sub: "" },
    { sub: 1 },
    { sub: "\ud800" },
    { sub: "ada", scope: 1 },
    { sub: "ada", acr: "" },
    { sub: "ada", device: {} },
    { sub: "ada", authTime: "now" },
    { sub: "ada", authTime: -1 },
    { sub: "ada", authTime: NaN },
    { sub: "ada", transport: "pigeon" },
  ]) {
    await assert.rejects(sessions.issue(request), { name: "SessionError", code: "ERR_SESSION_REQUEST" });
  }
  for (const scope of [" ", "a  b", " a", "a\nb", 'a"b'])
    await assert.rejects(signIn({ scope }), { code: "ERR_SCOPE" });
  for (const name of [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "sid",
    "gen",
    "scope",
    "client_id",
    "acr",
    "auth_time",
    "cnf",
  ]) {
    await assert.rejects(signIn({ claims: { [name]: 1 } }), {
      code: "ERR_CLAIMS",
      message: new RegExp(`\\b${name}\\b`),
    });
    await assert.rejects(signIn({ claims: { toJSON: () => ({ [name]: 1 }) } }), { code: "ERR_CLAIMS" });
  }
  const circle = {};
  circle.circle = circle;
  for (const claims of [
    [],
    "x",
    1,
    null,
    { n: 1n },
    circle,
    { toJSON: () => undefined },
    { toJSON: () => "text" },
    () => {},
  ]) {
    await assert.rejects(signIn({ claims }), { code: "ERR_CLAIMS" });
  }
  for (const large of [
    { claims: { a: "x".repeat(2048) } },
    { device: "d".repeat(2048) },
    { sub: "s".repeat(4096) },
    { scope: "s".repeat(100_000) },
  ]) {
    await assert.rejects(signIn(large), { code: "ERR_SESSION_TOO_LARGE" });
  }
  await assert.rejects(sessions.revokeAll(), { code: "ERR_SESSION_REQUEST" });
  await assert.rejects(sessions.list(""), { code: "ERR_SESSION_REQUEST" });
});

test("whatever text there is comes back as it was", async () => {
  const { sessions, signIn, refresh } = bed();
  const odd = 'é "quoted" \\ \u0000\u001f\u007f\u2028 💧 </script>';
  let pair = await signIn({
    sub: odd,
    device: odd,
    acr: odd,
    claims: { [odd]: odd, nested: { deep: [1, null, true, 1e300, -0.5] }, __proto__x: 1 },
  });
  pair = await refresh(pair.refresh);
  assert.equal(pair.sub, odd);
  assert.equal(pair.claims.sub, odd);
  assert.equal(pair.claims.acr, odd);
  assert.equal(pair.claims[odd], odd);
  assert.deepEqual(pair.claims.nested, { deep: [1, null, true, 1e300, -0.5] });
  assert.equal((await sessions.list(odd))[0].device, odd);
  assert.deepEqual(parts(pair.access).payload, pair.claims);
});

test("no event and no error holds a token or a key", async () => {
  const { sessions, signIn, refresh, later, events } = bed({ claims: () => ({ gen: 1 }) });
  const first = await signIn();
  const second = await refresh(first.refresh);
  later(60);
  await refresh(second.refresh);
  await refresh(first.refresh);
  await sessions.revokeAll("ada");
  const said = JSON.stringify(events);
  for (const secret of [
    SECRET,
    first.refresh,
    second.refresh,
    second.access,
    ...first.refresh.split("."),
    parts(second.refresh).payload.jti,
  ]) {
    assert.ok(!said.includes(secret));
  }
});

test("a step on bytes that are no command is an error", () => {
  for (const bytes of [new Uint8Array(), new Uint8Array(100), Uint8Array.of(1, 2, 3)]) {
    assert.throws(() => runStep(null, 0, bytes), { name: "SessionError", code: "ERR_SESSION_COMMAND" });
  }
});

test("CommonJS has the same", async () => {
  const cjs = createRequire(import.meta.url)("tandem-jwt/session");
  const sessions = cjs.createSessions({ ...GOOD, store: cjs.memoryStore() });
  const pair = await sessions.issue({ sub: "ada" });
  assert.equal((await sessions.refresh(pair.refresh)).outcome, "rotated");
});

test("an option of a call that is misspelt or of a wrong type is refused, by each call", async () => {
  const { sessions } = bed();
  const pair = await sessions.issue({ sub: "ada", scope: "read" });
  const calls = {
    issue: (more) => sessions.issue({ sub: "ada", ...more }),
    stepUp: (more) => sessions.stepUp(pair.refresh, { acr: "2", ...more }),
    refresh: (more) => sessions.refresh(pair.refresh, more),
    verify: (more) => sessions.verify(pair.access, more),
    revokeAll: (more) => sessions.revokeAll("ada", more),
  };
  const misspelt = {
    issue: { authtime: 1 },
    stepUp: { ACR: "2" },
    refresh: { scopes: "read" },
    verify: { checksession: true },
    revokeAll: { expect: pair.sid },
  };
  const wrong = {
    issue: [{ authTime: "1" }, { scope: 1 }, { device: {} }],
    stepUp: [{ acr: "" }, { acr: 2 }, { scope: ["read"] }, { authTime: -1 }],
    // A scope comes from a client, so a wrong one is answered and not thrown.
    refresh: [{ transport: "post" }],
    verify: [{ checkSession: "true" }, { checkSession: 1 }, { scope: ["read"] }, { scope: "" }, { schema: {} }],
    revokeAll: [{ except: 1 }],
  };
  for (const [name, call] of Object.entries(calls)) {
    await assert.rejects(call(misspelt[name]), ({ code, message }) => {
      assert.equal(code, "ERR_SESSION_REQUEST");
      return message.includes(`${name} has no option "${Object.keys(misspelt[name])[0]}"`);
    });
    for (const options of wrong[name])
      await assert.rejects(call(options), { code: "ERR_SESSION_REQUEST" }, `${name} ${JSON.stringify(options)}`);
  }
  assert.equal((await sessions.list("ada")).length, 1, "nothing was begun or ended");
});
