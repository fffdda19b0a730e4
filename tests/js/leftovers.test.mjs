// What is left of a key in the memory of each wasm: one copy while it is in use, and none after that.

import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";

import jwt, { generateKey, setBackend } from "tandem-jwt";
import { createSessions, memoryStore } from "tandem-jwt/session";

// Node loads the CommonJS build.
const require = createRequire(import.meta.url);
const { core } = require("../../pkg/dist/cjs/core/core.js");
const { keys } = require("../../pkg/dist/cjs/core/keys.js");

/** Where the stack ends and the heap begins. */
const STACK = 1 << 20;
/** More keys than any cache holds. */
const MANY = 600;

/** Every spelling of a secret number: as bytes, as the limbs of arithmetic, a half of either, and as the text of a JWK. */
function spellings(base64url) {
  const bytes = Buffer.from(base64url, "base64url");
  const limbs = Buffer.from(bytes).reverse();
  return [bytes, limbs]
    .flatMap((all) => [all, all.subarray(0, 16), all.subarray(-16)])
    .concat([Buffer.from(base64url), Buffer.from(base64url.slice(8, 40))]);
}

/** The places of a secret in either memory. */
function found(base64url) {
  const memories = [core, keys].map((instance) => Buffer.from(instance.memory().buffer));
  return spellings(base64url).flatMap((needle) =>
    memories.map((memory) => memory.indexOf(needle)).filter((at) => at >= 0),
  );
}

/** Drives every other key out of the caches, and out of the places that are used again. */
function driveOut(alg) {
  for (let number = 0; number < MANY; number++) {
    const other = Buffer.from(`another secret ${number}, ${alg}`);
    jwt.verify(jwt.sign({}, other), other);
    // The same in the wasm of keys, which holds the secrets of JWKs.
    const k = Buffer.from(`another secret of a JWK, ${number}, ${alg}`).toString("base64url");
    jwt.sign({}, { kty: "oct", k });
  }
}

function pair(type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  const jwk = privateKey.export({ format: "jwk" });
  return {
    numbers: ["d", "p", "q", "dp", "dq", "qi"].flatMap((name) => jwk[name] ?? []),
    // The crate `rsa` wipes its primes, and not the moduli that it makes of them for its arithmetic.
    wiped: ["d", "dp", "dq", "qi"].flatMap((name) => jwk[name] ?? []),
    forms: {
      "PKCS #8": () => privateKey.export({ format: "der", type: "pkcs8" }),
      "PEM in a Buffer": () => Buffer.from(privateKey.export({ format: "pem", type: "pkcs8" })),
      "the text of a JWK": () => Buffer.from(JSON.stringify(jwk)),
    },
  };
}

const families = {
  ES256: pair("ec", { namedCurve: "P-256" }),
  ES384: pair("ec", { namedCurve: "P-384" }),
  ES512: pair("ec", { namedCurve: "P-521" }),
  ES256K: pair("ec", { namedCurve: "secp256k1" }),
  EdDSA: pair("ed25519", {}),
  RS256: pair("rsa", { modulusLength: 2048 }),
};

for (const [alg, { numbers, wiped, forms }] of Object.entries(families)) {
  for (const [form, make] of Object.entries(forms)) {
    test(`${alg}, ${form}: the stack keeps nothing of a private key, and the heap nothing that is not in use`, () => {
      setBackend("wasm");
      try {
        jwt.sign({ sub: "ada" }, make(), { algorithm: alg });
        for (const number of numbers)
          assert.deepEqual(
            found(number).filter((at) => at < STACK),
            [],
          );
        for (let number = 0; number < MANY; number++) jwt.createSigner(generateKey("HS256").secret);
        driveOut(alg);
        // The caches of private keys hold others now too.
        for (let number = 0; number < MANY; number++) {
          assert.throws(() => jwt.sign({}, Buffer.from(`-----BEGIN PRIVATE KEY----- ${number}`), { algorithm: alg }));
        }
        for (const number of wiped) assert.deepEqual(found(number), []);
      } finally {
        setBackend("auto");
      }
    });
  }
}

test("a secret", () => {
  const secret = randomBytes(48);
  const text = secret.toString("base64url");
  jwt.verify(jwt.sign({ sub: "ada" }, secret), secret);
  const places = found(text);
  // In use, and so it is found: this test can see what it looks for.
  assert.ok(places.length > 0);
  assert.deepEqual(
    places.filter((at) => at < STACK),
    [],
  );
  driveOut("HS256");
  assert.deepEqual(found(text), []);
});

test("the secret of sessions", async () => {
  const secret = randomBytes(48);
  const sessions = createSessions({
    issuer: "https://id.example",
    audience: "https://api.example",
    clientId: "web",
    keys: { access: secret },
    store: memoryStore(),
  });
  const { access, refresh } = await sessions.issue({ sub: "ada" });
  await sessions.refresh(refresh);
  await sessions.verify(access);
  assert.deepEqual(
    found(secret.toString("base64url")).filter((at) => at < STACK),
    [],
  );
});
