import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import jwt, { generateKey, JsonWebTokenError, NotBeforeError, setBackend, TokenExpiredError } from "tandem-jwt";
import { CODES } from "../../pkg/dist/cjs/core/error-codes.js";
import { keys } from "../../pkg/dist/cjs/core/keys.js";

const NOW = 1_700_000_000;
const at = (options = {}) => ({ clockTimestamp: NOW, ...options });
const sign = (payload, options) => jwt.sign({ iat: NOW, ...payload }, "secret", options);
const b64 = (text) => Buffer.from(text).toString("base64url");

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const encrypted = privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-128-cbc", passphrase: "right" });
const { publicJwk } = generateKey("ES256");

/** A call while the host's source of random bytes is broken. */
function withoutRandomness(call) {
  const own = crypto.getRandomValues;
  // The host signs with randomness of its own, which no program can take away.
  setBackend("wasm");
  try {
    crypto.getRandomValues = () => {
      throw new Error("no entropy");
    };
    return call();
  } finally {
    crypto.getRandomValues = own;
    setBackend("auto");
  }
}

const standard = (validate) => ({ "~standard": { version: 1, vendor: "test", validate } });
const byPair = jwt.sign({}, privateKey, { algorithm: "ES256" });

/** An odd number that is one modulo every prime up to 167, as a power of 65537 is to the power of nought. */
const smallPrimes = Array.from({ length: 168 }, (_, at) => at).filter(
  (number) => number > 1 && !Array.from({ length: number }, (_, at) => at).some((at) => at > 1 && number % at === 0),
);
const weakModulus = smallPrimes.reduce((product, prime) => product * BigInt(prime), 1n << 1850n) + 1n;
const weakJwk = {
  kty: "RSA",
  n: Buffer.from(weakModulus.toString(16).padStart(520, "0"), "hex").toString("base64url"),
  e: "AQAB",
};

/** An EncryptedPrivateKeyInfo that asks for ten million rounds of PBKDF2. */
const expensive = Buffer.from(
  "304e304206092a864886f70d01050d3035301d06092a864886f70d01050c301004080000000000000000020400989680" +
    "301406082a864886f70d030704080000000000000000" +
    "04080000000000000000",
  "hex",
);

/** Every code of a refused token or a wrong call, and a way to it. */
const table = [
  ["ERR_JWT_EXPIRED", () => jwt.verify(sign({ exp: NOW }), "secret", at())],
  ["ERR_JWT_EXPIRED", () => jwt.verify(sign({ iat: NOW - 10 }), "secret", at({ maxAge: 10 }))],
  ["ERR_JWT_NOT_ACTIVE", () => jwt.verify(sign({ nbf: NOW + 1 }), "secret", at())],
  ["ERR_JWT_MISSING", () => jwt.verify("", "secret")],
  ["ERR_JWT_MALFORMED", () => jwt.verify("a.b", "secret")],
  ["ERR_JWT_MALFORMED", () => jwt.verify("....", "secret")],
  ["ERR_JWT_TOO_LARGE", () => jwt.sign({ text: "x".repeat(9 << 20) }, "secret")],
  ["ERR_JWT_TOO_LARGE", () => jwt.verify(`${"x".repeat(9 << 20)}.x.x`, "secret")],
  ["ERR_JWT_SIGNATURE", () => jwt.verify(sign({}), "wrong", at())],
  ["ERR_JWT_ALGORITHM", () => jwt.verify(sign({}), "secret", at({ algorithms: ["HS512"] }))],
  ["ERR_JWT_ALGORITHM", () => jwt.sign({}, "secret", { header: { alg: "foo" } })],
  ["ERR_JWT_CLAIM", () => jwt.verify(sign({ exp: NOW + 1, aud: "a" }), "secret", at({ audience: "b" }))],
  ["ERR_JWT_HEADER", () => jwt.verify(`${b64('{"alg":"HS256","crit":["x"]}')}.${b64("{}")}.x`, "secret")],
  ["ERR_JWT_HEADER", () => jwt.verify(`${b64('{"alg":"HS256","b64":false}')}.${b64("{}")}.x`, "secret")],
  ["ERR_JWT_OPTIONS", () => jwt.sign({}, "secret", { expiresIn: "soon" })],
  ["ERR_JWT_OPTIONS", () => jwt.verify(sign({}), "secret", at({ maxAge: "soon" }))],
  ["ERR_JWT_PAYLOAD", () => jwt.sign(undefined, "secret")],
  ["ERR_JWT_PAYLOAD", () => jwt.sign(() => {}, "secret")],
  [
    "ERR_JWT_SCHEMA",
    () => jwt.verify(sign({}), "secret", at({ schema: standard(() => ({ issues: [{ message: "" }] })) })),
  ],
  ["ERR_JWT_SCHEMA_ASYNC", () => jwt.verify(sign({}), "secret", at({ schema: standard(async () => ({ value: 1 })) }))],
  ["ERR_KEY_MISSING", () => jwt.sign({}, undefined)],
  ["ERR_KEY_MISSING", () => jwt.verify(sign({}), undefined, at())],
  ["ERR_KEY_PASSPHRASE", () => jwt.sign({}, { key: encrypted, passphrase: "wrong" }, { algorithm: "ES256" })],
  ["ERR_KEY_PASSPHRASE", () => jwt.sign({}, encrypted, { algorithm: "ES256" })],
  ["ERR_KEY_NOT_FOUND", () => jwt.verify(sign({}), { keys: [publicJwk] }, at())],
  ["ERR_KEY_AMBIGUOUS", () => jwt.verify(byPair, { keys: [publicJwk, publicJwk] }, at())],
  ["ERR_KEY_SET_MIXED", () => jwt.verify(byPair, { keys: [publicJwk, { kty: "oct", k: "AAAA" }] }, at())],
  ["ERR_KEY_TOO_SHORT", () => jwt.sign({}, { kty: "oct", k: "AAAA" })],
  ["ERR_KEY_TOO_SHORT", () => jwt.verify(sign({}), { kty: "oct", k: "AAAA" }, at())],
  ["ERR_KEY_TOO_SHORT", () => jwt.verify(sign({}), { keys: [{ kty: "oct", k: "AAAA" }] }, at())],
  ["ERR_KEY_WEAK", () => jwt.verify(byPair, weakJwk, at())],
  ["ERR_KEY_EXPENSIVE", () => jwt.sign({}, { key: expensive, passphrase: "any" }, { algorithm: "ES256" })],
  ["ERR_KEY_TOO_LARGE", () => jwt.verify(sign({}), `-----BEGIN PUBLIC KEY-----${"x".repeat(1 << 20)}`, at())],
  ["ERR_KEY_UNSUPPORTED", () => jwt.verify(sign({}), { kty: "unheard of" }, at())],
  ["ERR_KEY_INVALID", () => jwt.sign({}, 5)],
  ["ERR_KEY_INVALID", () => jwt.verify(sign({}), 5, at())],
  [
    "ERR_KEY_CALLBACK",
    () =>
      jwt.verify(
        sign({}),
        (_, found) => found(new Error("no such key")),
        at(),
        (error) => {
          throw error;
        },
      ),
  ],
  ["ERR_JWT_MALFORMED", () => jwt.verify(`${b64('{"alg":"HS256","typ":"JWT"}')}.${b64("text")}.x`, "secret")],
  ["ERR_JWT_PAYLOAD", () => jwt.sign({ big: 1n }, "secret")],
  ["ERR_RANDOM_UNAVAILABLE", () => withoutRandomness(() => jwt.sign({}, privateKey, { algorithm: "ES256" }))],
  ["ERR_RANDOM_UNAVAILABLE", () => withoutRandomness(() => generateKey("HS256"))],
];

for (const [code, call] of table) {
  test(`${code}: ${call.toString().slice(6, 70)}`, () => {
    assert.throws(call, (error) => {
      assert.equal(error.code, code);
      assert.ok(error instanceof Error);
      assert.doesNotMatch(error.message, /secret\b(?!Or| or)|eyJ/, "neither key nor token stands in a message");
      return true;
    });
  });
}

test("the classes are those of npm jsonwebtoken", () => {
  const expired = new TokenExpiredError("jwt expired", new Date(0));
  const early = new NotBeforeError("jwt not active", new Date(0));
  const inner = new Error("inner");
  assert.ok(expired instanceof JsonWebTokenError && early instanceof JsonWebTokenError && expired instanceof Error);
  assert.deepEqual(Object.keys(expired).sort(), ["expiredAt", "message", "name"]);
  assert.deepEqual(Object.keys(early).sort(), ["date", "message", "name"]);
  assert.deepEqual(Object.keys(new JsonWebTokenError("no")).sort(), ["message", "name"]);
  assert.equal(new JsonWebTokenError("no", inner).inner, inner);
  assert.equal(String(expired), "TokenExpiredError: jwt expired");
  assert.equal(
    JSON.stringify(expired),
    '{"name":"TokenExpiredError","message":"jwt expired","expiredAt":"1970-01-01T00:00:00.000Z"}',
  );
  assert.match(expired.stack, /^TokenExpiredError: jwt expired\n/);
});

test("the times of the errors", () => {
  const expired = sign({ exp: NOW - 5 });
  const early = sign({ nbf: NOW + 5 });
  assert.throws(() => jwt.verify(expired, "secret", at()), {
    name: "TokenExpiredError",
    expiredAt: new Date((NOW - 5) * 1000),
  });
  assert.throws(() => jwt.verify(early, "secret", at()), { name: "NotBeforeError", date: new Date((NOW + 5) * 1000) });
  assert.equal(jwt.verify(expired, "secret", at({ clockTolerance: 6 })).exp, NOW - 5);
  assert.equal(jwt.verify(expired, "secret", at({ ignoreExpiration: true })).exp, NOW - 5);
  assert.equal(jwt.verify(early, "secret", at({ clockTolerance: 5 })).nbf, NOW + 5);
});

/** Codes that need a broken host: loading.test.mjs has the ways to them. */
const BROKEN_HOST = ["ERR_WASM_TRAP", "ERR_WASM_UNAVAILABLE"];

/** The code that needs a broken issuer: tests/jwks has the ways to it. */
const BROKEN_ISSUER = ["ERR_KEYS_UNAVAILABLE"];

test("no code is left without a way to it", () => {
  const reached = new Set([...table.map(([code]) => code), ...BROKEN_HOST, ...BROKEN_ISSUER]);
  const said = Object.keys(CODES).filter((code) => CODES[code].by !== "sessions");
  assert.deepEqual([...reached].sort(), said.sort());
});

test("every error of the wasm has a code in the table, but for those that are never seen from outside", () => {
  const ofWasm = [];
  for (let number = -1; keys.exports().error_code(number) !== undefined; number -= 1)
    ofWasm.push(keys.exports().error_code(number));
  assert.ok(ofWasm.length > 20);
  // TypeScript asks no wasm for the first, and says something of its own instead of the second.
  assert.deepEqual(
    ofWasm.filter((code) => !Object.hasOwn(CODES, code)),
    ["ERR_BASE64URL", "ERR_KEY_UNKNOWN"],
  );
});

test("every code of the table is said somewhere: by the wasm or in the sources", () => {
  const folder = new URL("../../pkg/src/", import.meta.url);
  const sources = readdirSync(folder, { recursive: true }).filter(
    (path) => path.endsWith(".ts") && !path.includes("generated") && !path.endsWith("error-codes.ts"),
  );
  const text = sources.map((path) => readFileSync(new URL(path, folder), "utf8")).join("\n");
  const said = new Set(text.match(/\bERR_\w+/g));
  for (let number = -1; keys.exports().error_code(number) !== undefined; number -= 1)
    said.add(keys.exports().error_code(number));
  assert.deepEqual(
    Object.keys(CODES).filter((code) => !said.has(code)),
    [],
  );
});
