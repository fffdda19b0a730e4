// A verifier that remembers which signatures were right.

import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";

import jwt, { createSigner, createVerifier } from "tandem-jwt";

const require = createRequire(import.meta.url);
const { core } = require("../../pkg/dist/cjs/core/core.js");
const { hostCounts } = require("../../pkg/dist/cjs/jwt/host.js");
const { VerifiedTokens } = require("../../pkg/dist/cjs/jwt/verified-tokens.js");

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const signed = (payload) => jwt.sign(payload, privateKey, { algorithm: "ES256" });

test("the signature of a token is judged once, and its claims each time", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const verify = createVerifier(publicKey, { cache: 10 });
  const token = signed({ sub: "ada", nested: { role: "user" }, exp: 1_700_000_060 });
  const before = hostCounts().verify;
  const first = verify(token);
  first.nested.role = "admin";
  const second = verify(token);
  assert.equal(hostCounts().verify - before, 1);
  assert.deepEqual(second.nested, { role: "user" }, "each caller gets an object of its own");
  t.mock.timers.tick(60_000);
  assert.throws(() => verify(token), { name: "TokenExpiredError" });
  assert.equal(hostCounts().verify - before, 1);
});

test("a token that ends as a known one, and is another, is judged by itself", () => {
  const verify = createVerifier(publicKey, { cache: 10 });
  const token = signed({ sub: "ada" });
  assert.equal(verify(token).sub, "ada");
  const [header, , signature] = token.split(".");
  const forged = `${header}.${Buffer.from('{"sub":"eve"}').toString("base64url")}.${signature}`;
  for (let round = 0; round < 3; round += 1) {
    assert.throws(() => verify(forged), { message: "invalid signature" });
    assert.equal(verify(token).sub, "ada");
  }
});

test("what one verifier knows, no other does", () => {
  const verify = createVerifier("secret", { cache: 10 });
  const another = createVerifier("another secret", { cache: 10 });
  const token = jwt.sign({ sub: "ada" }, "secret");
  assert.equal(verify(token).sub, "ada");
  assert.throws(() => another(token), { message: "invalid signature" });
  assert.throws(() => createVerifier("secret", { cache: 10, algorithms: ["HS512"] })(token), {
    message: "invalid algorithm",
  });
});

test("it is emptied when its key goes, holds as many tokens as were asked for, and forgets no failure", () => {
  const known = new VerifiedTokens(10);
  const tokens = Array.from({ length: 100 }, (_, at) => jwt.sign({ at }, "secret"));
  for (const token of tokens) known.add(token, jwt.decode(token));
  assert.ok(tokens.filter((token) => known.get(token) !== undefined).length <= 10);
  assert.equal(known.get(tokens.at(-1)).at, 99);
  core.giveUp();
  assert.equal(known.get(tokens.at(-1)), undefined);
});

test("a token that is in use is not forgotten for others that come once", () => {
  const known = new VerifiedTokens(10);
  const [hot, ...others] = Array.from({ length: 50 }, (_, at) => jwt.sign({ at }, "secret"));
  known.add(hot, jwt.decode(hot));
  for (const token of others) {
    known.add(token, jwt.decode(token));
    assert.equal(known.get(hot)?.at, 0);
  }
});

test("unsecured tokens, texts and whole tokens are not remembered, and are answered all the same", () => {
  const unsecured = jwt.sign({ sub: "ada" }, null, { algorithm: "none" });
  const open = createVerifier(null, { algorithms: ["none"], cache: 10 });
  assert.equal(
    createSigner(null, { algorithm: "none", noTimestamp: true })({ sub: "ada" }),
    jwt.sign({ sub: "ada" }, null, { algorithm: "none", noTimestamp: true }),
  );
  const text = createVerifier("secret", { cache: 10 });
  const whole = createVerifier("secret", { cache: 10, complete: true });
  for (let round = 0; round < 2; round += 1) {
    assert.equal(open(unsecured).sub, "ada");
    assert.equal(text(jwt.sign("text", "secret")), "text");
    assert.equal(whole(jwt.sign({ sub: "ada" }, "secret")).payload.sub, "ada");
    assert.throws(() => text(undefined), { message: "jwt must be provided" });
  }
});

test("its size is a number of tokens", () => {
  for (const cache of [-1, 1.5, "10", null, Number.NaN, 1_000_001, {}]) {
    assert.throws(() => createVerifier("secret", { cache }), { code: "ERR_JWT_OPTIONS" });
  }
});

test("a payload that is JSON text of JSON text expires as any other", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");
  const body = Buffer.from(JSON.stringify(JSON.stringify({ sub: "ada", exp: 1_700_000_001 }))).toString("base64url");
  const signature = createHmac("sha256", "secret").update(`${header}.${body}`).digest("base64url");
  const verify = createVerifier("secret", { cache: 10 });
  assert.equal(verify(`${header}.${body}.${signature}`).sub, "ada");
  t.mock.timers.tick(2_000);
  assert.throws(() => verify(`${header}.${body}.${signature}`), { name: "TokenExpiredError" });
});

test("an empty secret is none, also to prepared verifiers and signers", () => {
  const open = jwt.sign({ admin: true }, Buffer.alloc(0));
  for (const nothing of ["", undefined, null]) {
    assert.throws(() => createVerifier(nothing)(open), { code: "ERR_KEY_MISSING" });
    assert.throws(() => createVerifier(nothing, { cache: 10 })(open), { code: "ERR_KEY_MISSING" });
    assert.throws(() => createSigner(nothing)({}), { code: "ERR_KEY_MISSING" });
  }
});

test("a hit gives what the first verification gave, however deep the payload is", () => {
  const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");
  const signed = (json) => {
    const input = `${header}.${Buffer.from(json).toString("base64url")}`;
    return `${input}.${createHmac("sha256", "secret").update(input).digest("base64url")}`;
  };
  const verify = createVerifier("secret", { cache: 10 });
  const odd = signed('{"a":{"b":{"c":1e999,"d":-0}},"e":[[1,{"f":[]}]],"__proto__":{"g":1}}');
  const [first, second, third] = [verify(odd), verify(odd), verify(odd)];
  assert.deepEqual(second, first);
  assert.ok(
    Object.is(third.a.b.d, -0) && third.a.b.c === Number.POSITIVE_INFINITY && Object.hasOwn(third, "__proto__"),
  );
  second.e[0][1].f.push("changed");
  assert.deepEqual(verify(odd), first);
  const deep = signed(`{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`);
  for (let round = 0; round < 2; round += 1) assert.equal(verify(deep).a.length, 1);
});
