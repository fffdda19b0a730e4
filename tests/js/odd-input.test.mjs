// Anything at all in every place of every call: a result, or an error with a code. Never a trap, never a bare crash.

import assert from "node:assert/strict";
import { createSecretKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";

import * as api from "tandem-jwt";
import { decode as decodeAlone, expiresAt, expiresIn, isExpired } from "tandem-jwt/decode";

const { default: jwt, generateKey, thumbprint, createSigner, createVerifier, signAsync, verifyAsync } = api;

const { privateKey, publicKey, privateJwk, publicJwk } = generateKey("ES256");
const b64 = (text) => Buffer.from(text).toString("base64url");
const token = jwt.sign({ sub: "ada" }, "secret");

const odd = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1.5,
  NaN,
  Infinity,
  -1,
  2 ** 53,
  10n,
  Symbol("odd"),
  "",
  " ",
  "\0",
  "é",
  "\ud800",
  "x".repeat(70_000),
  [],
  [undefined],
  [[]],
  {},
  Object.create(null),
  Object.freeze({}),
  new Proxy({}, {}),
  new Map(),
  new Set(),
  new WeakMap(),
  new Date(NaN),
  /x/g,
  () => {},
  async () => {},
  new (class Odd {})(),
  new String("text"),
  new Number(1),
  new Boolean(false),
  Promise.resolve(),
  new Error("odd"),
  new Uint8Array(0),
  new Uint8Array(3),
  new Float64Array(1),
  new DataView(new ArrayBuffer(1)),
  new ArrayBuffer(0),
  Buffer.alloc(0),
  Buffer.from("odd"),
  { key: "x" },
  { key: null, format: "jwk" },
  { key: {}, passphrase: {} },
  { kty: "EC" },
  { kty: 5 },
  { kty: "oct", k: {} },
  { keys: [] },
  { keys: [null, 5, {}, { kty: "RSA" }] },
  { keys: {} },
  { type: "secret", export: () => "no bytes" },
  { type: "private", export: () => new Uint8Array(2) },
  { type: "public", export: () => undefined, asymmetricKeyType: "rsa" },
  generateKeyPairSync("ed448").publicKey,
  generateKeyPairSync("x25519").privateKey,
  createSecretKey(Buffer.from("k")),
  privateKey,
  publicKey,
  privateJwk,
  publicJwk,
  { keys: [publicJwk, publicJwk] },
  "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
  "-----BEGIN ",
  '{"kty":"RSA"}',
  token,
  `${token}.`,
  "..",
  "...",
  "a.b.c",
  `${b64("{}")}.${b64("{}")}.`,
  `${b64('{"alg":5}')}.${b64("{}")}.AA`,
  `${b64('{"alg":{}}')}.${b64("null")}.AA`,
  `${b64('{"alg":"ES256","kid":{}}')}.${b64("{}")}.AA`,
  `${b64('{"alg":"HS256","typ":"JWT"}')}.${b64("[")}.AA`,
  `${b64("null")}.AA.AA`,
  `${b64('{"__proto__":1,"alg":"HS256"}')}.${b64('{"__proto__":{"exp":1}}')}.AA`,
];

const names = [
  ...[
    "algorithm",
    "expiresIn",
    "notBefore",
    "audience",
    "issuer",
    "subject",
    "jwtid",
    "keyid",
    "header",
    "encoding",
    "noTimestamp",
    "mutatePayload",
  ],
  ...[
    "algorithms",
    "maxAge",
    "nonce",
    "clockTimestamp",
    "clockTolerance",
    "complete",
    "ignoreExpiration",
    "allowInvalidAsymmetricKeyTypes",
    "typ",
    "requiredClaims",
    "json",
    "modulusLength",
  ],
];

/** Options with one odd value each, and odd values instead of options. */
const options = [...odd, ...names.flatMap((name) => odd.map((value) => ({ [name]: value })))];

const show = (value) => {
  try {
    return JSON.stringify(value)?.slice(0, 80) ?? String(value);
  } catch {
    return typeof value;
  }
};

function judge(error, where) {
  assert.ok(error instanceof Error, where);
  assert.equal(typeof error.code, "string", `${where}: ${error.stack}`);
  assert.notEqual(error.code, "ERR_WASM_TRAP", where);
}

function survives(name, call, ...given) {
  const where = `${name} ${given.map(show).join(", ")}`;
  try {
    call(...given);
  } catch (error) {
    judge(error, where);
  }
}

test("sign", () => {
  for (const value of odd) {
    survives("payload", jwt.sign, value, "secret");
    survives("payload, none", jwt.sign, value, null, { algorithm: "none" });
    survives("key", jwt.sign, {}, value);
    survives("key", jwt.sign, {}, value, { algorithm: "ES256" });
  }
  for (const option of options) {
    survives("options", jwt.sign, {}, "secret", option);
    survives("options", jwt.sign, "text", "secret", option);
    survives(
      "options",
      jwt.sign,
      Object.freeze({ sub: "ada" }),
      "secret",
      typeof option === "object" ? { mutatePayload: true, ...option } : option,
    );
    survives(
      "options",
      jwt.sign,
      {},
      privateKey,
      typeof option === "object" ? { algorithm: "ES256", ...option } : option,
    );
  }
});

test("verify", () => {
  for (const value of odd) {
    survives("token", jwt.verify, value, "secret");
    survives("token", jwt.verify, value, null, { algorithms: ["none", 5] });
    survives("key", jwt.verify, token, value);
    for (const bad of odd.filter((other) => typeof other === "string"))
      survives("both", jwt.verify, bad, value, { algorithms: ["HS256", "ES256", "none"] });
  }
  for (const option of options) {
    survives("options", jwt.verify, token, "secret", option);
    survives("options", jwt.verify, token, publicKey, option);
  }
});

test("decode", () => {
  for (const decode of [jwt.decode, decodeAlone]) {
    for (const value of odd) {
      // As there: a payload that is no JSON although the header says so is a SyntaxError.
      const read = (...given) => {
        try {
          decode(...given);
        } catch (error) {
          assert.ok(error instanceof SyntaxError, show(value));
        }
      };
      read(value);
      for (const option of options.slice(0, odd.length)) read(token, option);
      read(value, { complete: true, json: true });
    }
  }
  for (const value of odd.filter((other) => typeof other === "string" && !other.includes(b64("["))))
    for (const read of [expiresAt, expiresIn, isExpired]) read(value);
});

test("keys", () => {
  for (const value of odd) {
    survives("thumbprint", thumbprint, value);
    survives("generateKey", generateKey, value);
    survives("generateKey", generateKey, "ES256", { modulusLength: value });
    survives("createSigner", (key, payload) => createSigner(key)(payload), value, {});
    survives("createSigner", (key, payload) => createSigner(key)(payload), "secret", value);
    survives("createVerifier", (key, read) => createVerifier(key)(read), value, token);
    survives("createVerifier", (key, read) => createVerifier(key)(read), "secret", value);
  }
});

test("the async calls", async () => {
  for (const value of odd.filter((other) => !(other instanceof Promise))) {
    for (const call of [
      () => signAsync(value, "secret"),
      () => signAsync({}, value),
      () => verifyAsync(value, "secret"),
      () => verifyAsync(token, value),
      () => verifyAsync(token, "secret", value),
    ]) {
      await call().catch((error) => judge(error, `${call} ${show(value)}`));
    }
  }
});

test("it still works after all that", () => assert.equal(jwt.verify(token, "secret").sub, "ada"));
