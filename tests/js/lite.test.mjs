// tandem-jwt/lite: secrets alone, over the smaller wasm.

import assert from "node:assert/strict";
import { createSecretKey, generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";

import jwt, { generateKey } from "tandem-jwt";
import { dpopKey } from "tandem-jwt/client/dpop";
import * as lite from "tandem-jwt/lite";
import * as sessions from "tandem-jwt/session";

const require = createRequire(import.meta.url);
const { keys } = require("../../pkg/dist/cjs/core/keys.js");

const text = "a secret of at least thirty-two bytes, to be sure";
const SECRETS = [
  text,
  Buffer.from(text),
  new TextEncoder().encode(text).buffer,
  new DataView(new TextEncoder().encode(text).buffer),
  createSecretKey(Buffer.from(text)),
];

test("text, bytes and secret KeyObjects sign and verify, and the drop-in agrees", async () => {
  for (const secret of SECRETS) {
    for (const algorithm of ["HS256", "HS384", "HS512"]) {
      const options = { algorithm, noTimestamp: true, keyid: "k", expiresIn: "1h" };
      const payload = { sub: "ada", iat: 1_700_000_000 };
      const clock = { algorithms: [algorithm], clockTimestamp: 1_700_000_060 };
      const token = jwt.sign(payload, text, options);
      assert.equal(lite.sign(payload, secret, options), token);
      assert.equal(await lite.signAsync(payload, secret, options), token);
      assert.equal(lite.createSigner(secret, options)(payload), token);
      const claims = jwt.verify(token, text, clock);
      assert.deepEqual(lite.verify(token, secret, clock), claims);
      assert.deepEqual(await lite.verifyAsync(token, secret, clock), claims);
      assert.deepEqual(await lite.verifyAsync(token, async () => secret, clock), claims);
      assert.deepEqual(lite.createVerifier(secret, { ...clock, cache: 10 })(token), claims);
      assert.throws(() => lite.verify(token, `${text}!`, clock), { code: "ERR_JWT_SIGNATURE" });
    }
  }
  assert.equal(lite.decode(lite.sign({ sub: "ada" }, text)).sub, "ada");
  assert.throws(() => lite.verify(lite.sign({ exp: 1 }, text), text), lite.TokenExpiredError);
  assert.equal(lite.TokenExpiredError, jwt.TokenExpiredError);
});

/** Everything that is a key of a pair, in whatever dress, and every JWK. */
function otherKeys() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = (key) => key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" });
  const der = (key) => key.export({ format: "der", type: key.type === "private" ? "pkcs8" : "spki" });
  const { jwk } = generateKey("HS256");
  return [publicKey, privateKey].flatMap((key) => [
    key,
    pem(key),
    Buffer.from(pem(key)),
    Buffer.from(pem(key)).toString("base64"),
    der(key),
    der(key).buffer.slice(der(key).byteOffset, der(key).byteOffset + der(key).length),
    key.export({ format: "jwk" }),
    JSON.stringify(key.export({ format: "jwk" })),
    { keys: [key.export({ format: "jwk" })] },
    { key: pem(key) },
    jwk,
    JSON.stringify(jwk),
    { key: text },
  ]);
}

test("key pairs and JWKs are refused, and never taken for secrets", async () => {
  const token = jwt.sign({ sub: "ada" }, text);
  // The drop-in knows these keys, and nothing of that may help here.
  for (const key of otherKeys()) assert.throws(() => jwt.verify(token, key));
  const refusal = (argument) => (error) => {
    assert.equal(error.code, "ERR_KEY_UNSUPPORTED");
    assert.match(error.message, new RegExp(`^${argument} is not valid key material: .*tandem-jwt takes key pairs`));
    return true;
  };
  const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  for (const key of [...otherKeys(), publicKey]) {
    for (const algorithm of ["HS256", "ES256"]) {
      assert.throws(() => lite.sign({}, key, { algorithm }), refusal("secretOrPrivateKey"));
      assert.throws(() => lite.createSigner(key, { algorithm })({}), refusal("secretOrPrivateKey"));
      await assert.rejects(lite.signAsync({}, key, { algorithm }), refusal("secretOrPrivateKey"));
    }
    assert.throws(() => lite.verify(token, key), refusal("secretOrPublicKey"));
    assert.throws(() => lite.createVerifier(key)(token), refusal("secretOrPublicKey"));
    await assert.rejects(lite.verifyAsync(token, key), refusal("secretOrPublicKey"));
  }
});

test("what is no key at all is told apart", () => {
  for (const key of [5, true, Symbol("key")]) {
    assert.throws(() => lite.sign({}, key), { code: "ERR_KEY_INVALID" });
  }
  assert.throws(() => lite.sign({}, ""), { code: "ERR_KEY_MISSING" });
  assert.throws(() => lite.sign({}, "x".repeat((1 << 20) + 1)), { code: "ERR_KEY_TOO_LARGE" });
});

const settings = { issuer: "https://id.example", audience: "https://api.example", clientId: "web" };

test("its sessions are those of tandem-jwt/session, on the same store", async () => {
  let clock = 1_700_000_000;
  const options = {
    ...settings,
    keys: { access: text, refresh: Buffer.from(`${text} of refresh tokens`) },
    store: lite.memoryStore(),
    now: () => clock,
  };
  const [small, whole] = [lite.createSessions(options), sessions.createSessions(options)];
  const refresh = (by, { refresh }) => {
    clock += 60;
    return by.refresh(refresh);
  };
  const first = await small.issue({ sub: "ada", scope: "read", claims: { role: "admin" } });
  assert.equal((await whole.verify(first.access)).claims.role, "admin");
  const second = await refresh(whole, first);
  assert.equal((await small.verify(second.access, { checkSession: true })).ok, true);
  const third = await refresh(small, second);
  assert.equal(third.outcome, "rotated");
  assert.equal((await small.list("ada")).length, 1);
  assert.equal((await refresh(small, first)).error, "invalid_grant");
  assert.equal((await refresh(whole, third)).error, "invalid_grant");
  assert.deepEqual(small.jwks(), { keys: [] });
  assert.equal(lite.SessionError, sessions.SessionError);
});

test("sessions take neither key pairs nor proofs of possession", async () => {
  const refusal = (error) => {
    assert.ok(error instanceof lite.SessionError);
    assert.equal(error.code, "ERR_KEY_UNSUPPORTED");
    assert.match(error.message, /tandem-jwt\/session/);
    return true;
  };
  const { privateKey, privateJwk } = generateKey("ES256");
  const create = (options) =>
    lite.createSessions({ ...settings, keys: { access: text }, store: lite.memoryStore(), ...options });
  for (const key of [privateKey, privateJwk]) {
    assert.throws(() => create({ keys: { access: { key }, refresh: text } }), refusal);
    assert.throws(() => create({ keys: { access: [text, { key }], refresh: text } }), refusal);
  }
  // A PEM text is no secret here either.
  assert.throws(() => create({ keys: { access: privateKey } }), { code: "ERR_KEY_INVALID" });
  assert.throws(() => create({ dpop: {} }), refusal);

  const mine = create();
  const request = { method: "POST", url: "https://id.example/auth/token" };
  const dpop = { ...request, proof: "a.b.c" };
  await assert.rejects(mine.issue({ sub: "ada", dpop }), refusal);
  const pair = await mine.issue({ sub: "ada", dpop: { ...request, proof: null } });
  await assert.rejects(mine.refresh(pair.refresh, { dpop }), refusal);
  await assert.rejects(mine.verify(pair.access, { dpop }), refusal);
  assert.equal((await mine.refresh(pair.refresh)).ok, true);
});

test("a session that is bound to a key is of no use without it", async () => {
  const store = lite.memoryStore();
  const options = { ...settings, keys: { access: text }, store };
  const key = await dpopKey();
  const request = { method: "POST", url: "https://id.example/auth/token" };
  const proof = await key.proof(request.method, request.url);
  const bound = await sessions.createSessions(options).issue({ sub: "ada", dpop: { ...request, proof } });
  const small = lite.createSessions(options);
  assert.equal((await small.verify(bound.access)).ok, false);
  assert.equal((await small.refresh(bound.refresh)).ok, false);
});

test("it works while the wasm of keys does not", () => {
  assert.throws(
    () => {
      keys.isDoubted = true;
      throw keys.recover(new WebAssembly.RuntimeError("unreachable"));
    },
    { code: "ERR_WASM_TRAP" },
  );
  const { WebAssembly: host } = globalThis;
  const token = lite.sign({ sub: "ada" }, text);
  try {
    globalThis.WebAssembly = undefined;
    assert.throws(() => generateKey("ES256"), { code: "ERR_WASM_UNAVAILABLE" });
    assert.equal(lite.verify(token, text).sub, "ada");
  } finally {
    globalThis.WebAssembly = host;
  }
  assert.ok(generateKey("ES256").publicKey);
});
