// Payloads that a schema validates, by three libraries that speak Standard Schema.

import assert from "node:assert/strict";
import { test } from "node:test";

import { type } from "arktype";
import jwt, { createVerifier, verifyAsync } from "tandem-jwt";
import * as v from "valibot";
import { z } from "zod";

import { bed } from "./session-bed.mjs";

const schemas = {
  zod: z.object({ sub: z.string(), role: z.enum(["admin", "user"]), iat: z.number() }),
  valibot: v.object({ sub: v.string(), role: v.picklist(["admin", "user"]), iat: v.number() }),
  arktype: type({ sub: "string", role: "'admin' | 'user'", iat: "number" }),
};
const good = jwt.sign({ sub: "ada", role: "admin", iat: 1 }, "secret");
const bad = jwt.sign({ sub: "ada", role: "a role that must not be in a log", iat: 1 }, "secret");
const refusal = (error) => {
  assert.ok(error instanceof jwt.JsonWebTokenError);
  assert.equal(error.code, "ERR_JWT_SCHEMA");
  assert.equal(error.message, "jwt payload does not fit the schema: role");
  assert.ok(error.issues.length > 0);
  assert.deepEqual(Object.keys(error).sort(), ["message", "name"]);
  return true;
};

for (const [name, schema] of Object.entries(schemas)) {
  test(`${name}: verify, verifyAsync, createVerifier, complete and a callback`, async () => {
    const claims = { sub: "ada", role: "admin", iat: 1 };
    assert.deepEqual({ ...jwt.verify(good, "secret", { schema }) }, claims);
    assert.deepEqual({ ...createVerifier("secret", { schema })(good) }, claims);
    assert.deepEqual({ ...(await verifyAsync(good, "secret", { schema })) }, claims);
    const whole = jwt.verify(good, "secret", { schema, complete: true });
    assert.deepEqual([whole.header.alg, { ...whole.payload }], ["HS256", claims]);
    const wholeAsync = await verifyAsync(good, "secret", { schema, complete: true });
    assert.deepEqual([wholeAsync.header.alg, { ...wholeAsync.payload }], ["HS256", claims]);
    assert.throws(() => jwt.verify(bad, "secret", { schema }), refusal);
    assert.throws(() => createVerifier("secret", { schema })(bad), refusal);
    await assert.rejects(verifyAsync(bad, "secret", { schema }), refusal);
    jwt.verify(bad, "secret", { schema }, (error, decoded) => {
      assert.ok(refusal(error));
      assert.equal(decoded, undefined);
    });
  });
}

test("what the schema makes of the payload is what the caller gets", () => {
  const schema = z.object({ sub: z.string().transform((sub) => sub.toUpperCase()) });
  assert.deepEqual(jwt.verify(good, "secret", { schema }), { sub: "ADA" });
});

test("a schema sees no payload of a token that is refused for another reason", () => {
  let seen = 0;
  const schema = z.any().refine(() => ++seen);
  for (const options of [{ issuer: "another" }, { requiredTyp: "at+jwt" }, { maxAge: 1 }, { algorithms: ["HS512"] }]) {
    assert.throws(() => jwt.verify(good, "secret", { schema, ...options }));
  }
  assert.throws(() => jwt.verify(good, "another secret", { schema }), { message: "invalid signature" });
  assert.equal(seen, 0);
});

test("a schema that answers with a promise is waited for by verifyAsync, and refused by verify", async () => {
  const schema = z.object({ sub: z.string().refine(async (sub) => sub === "ada") });
  const lying = {
    "~standard": { version: 1, vendor: "test", validate: async () => Promise.reject(new Error("down")) },
  };
  assert.equal((await verifyAsync(good, "secret", { schema })).sub, "ada");
  assert.throws(() => jwt.verify(good, "secret", { schema }), { code: "ERR_JWT_SCHEMA_ASYNC" });
  // Its rejection is nobody's, and takes no process down.
  assert.throws(() => jwt.verify(good, "secret", { schema: lying }), { code: "ERR_JWT_SCHEMA_ASYNC" });
  await assert.rejects(verifyAsync(good, "secret", { schema: lying }), { message: "down" });
});

test("what is no schema", async () => {
  for (const schema of [
    null,
    {},
    "zod",
    5,
    { "~standard": {} },
    { "~standard": { version: 2, validate: () => ({}) } },
  ]) {
    assert.throws(() => jwt.verify(good, "secret", { schema }), { code: "ERR_JWT_OPTIONS" });
    assert.throws(() => createVerifier("secret", { schema }), { code: "ERR_JWT_OPTIONS" });
    await assert.rejects(verifyAsync(good, "secret", { schema }), { code: "ERR_JWT_OPTIONS" });
  }
});

test("a path into the payload is named, and what stands there is not", () => {
  const schema = z.object({ user: z.object({ tags: z.array(z.number()) }) });
  const token = jwt.sign({ user: { tags: [1, "hidden"] } }, "secret");
  assert.throws(() => jwt.verify(token, "secret", { schema }), {
    message: "jwt payload does not fit the schema: user.tags.1",
  });
  assert.throws(() => jwt.verify(jwt.sign("text", "secret"), "secret", { schema }), {
    message: "jwt payload does not fit the schema: the payload itself",
  });
});

test("a schema that answers otherwise than it should is refused with a code", () => {
  for (const answer of [undefined, null, true, {}, { issues: null }]) {
    const schema = { "~standard": { version: 1, vendor: "test", validate: () => answer } };
    assert.throws(() => jwt.verify(good, "secret", { schema }), { code: "ERR_JWT_SCHEMA" });
  }
});

const roles = {
  zod: z.object({ sub: z.string(), role: z.enum(["admin", "user"]) }),
  valibot: v.object({ sub: v.string(), role: v.picklist(["admin", "user"]) }),
  arktype: type({ sub: "string", role: "'admin' | 'user'", "+": "delete" }),
};

for (const [name, schema] of Object.entries(roles)) {
  test(`${name}: the claims of a session's access token`, async () => {
    const { sessions, signIn } = bed();
    const { access } = await signIn({ claims: { role: "admin" } });
    assert.deepEqual(await sessions.verify(access, { schema }), { ok: true, claims: { sub: "ada", role: "admin" } });
    const other = await signIn({ claims: { role: "a role that must not be in a log" } });
    const { issues, ...refusal } = await sessions.verify(other.access, { schema });
    assert.deepEqual(refusal, { ok: false, error: "invalid_token", status: 401, reason: "ERR_JWT_SCHEMA" });
    assert.ok(issues.length > 0);
  });
}

test("sessions wait for a schema, and ask it only about tokens that are good in all else", async () => {
  const { sessions, signIn, later } = bed();
  const { access } = await signIn();
  const schema = z.object({ sub: z.string().refine(async (sub) => sub === "ada") });
  assert.deepEqual(await sessions.verify(access, { schema }), { ok: true, claims: { sub: "ada" } });
  const down = {
    "~standard": { version: 1, vendor: "test", validate: async () => Promise.reject(new Error("down")) },
  };
  await assert.rejects(sessions.verify(access, { schema: down }), { message: "down" });
  assert.equal((await sessions.verify(access, { schema: down, scope: "delete" })).reason, "ERR_SCOPE");
  assert.equal((await sessions.verify(`${access.slice(0, -4)}AAAA`, { schema: down })).reason, "ERR_JWT_SIGNATURE");
  later(1000);
  assert.equal((await sessions.verify(access, { schema: down })).reason, "ERR_JWT_EXPIRED");
  for (const none of [null, {}, "zod", { "~standard": { version: 2, validate: () => ({}) } }]) {
    await assert.rejects(sessions.verify(access, { schema: none }), { code: "ERR_SESSION_REQUEST" });
  }
});
