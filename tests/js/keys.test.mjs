import assert from "node:assert/strict";
import { createPrivateKey, createSecretKey } from "node:crypto";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import jwt, { generateKey } from "tandem-jwt";

const bytes = new TextEncoder().encode("the same secret");
const forms = {
  string: "the same secret",
  Uint8Array: bytes,
  Buffer: Buffer.from(bytes),
  ArrayBuffer: bytes.buffer,
  DataView: new DataView(bytes.buffer),
  KeyObject: createSecretKey(bytes),
  "Uint8Array of another realm": runInNewContext("Uint8Array").from(bytes),
  "ArrayBuffer of another realm": runInNewContext("bytes => Uint8Array.from(bytes).buffer")(bytes),
  SharedArrayBuffer: shared(bytes),
};

function shared(bytes) {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

test("every form of one secret is the same key", () => {
  const token = jwt.sign({ sub: "ada" }, forms.string);
  for (const [name, secret] of Object.entries(forms)) {
    assert.equal(jwt.verify(token, secret).sub, "ada", name);
    assert.equal(jwt.verify(jwt.sign({ sub: "ada" }, secret), forms.string).sub, "ada", name);
  }
});

test("a view is its own bytes only", () => {
  const padded = Buffer.from("xxthe same secretxx");
  assert.equal(jwt.verify(jwt.sign({ sub: "ada" }, forms.string), padded.subarray(2, -2)).sub, "ada");
});

test("a buffer that was overwritten is another key", () => {
  const secret = Buffer.from("the same secret");
  const token = jwt.sign({ sub: "ada" }, secret);
  assert.equal(jwt.verify(token, secret).sub, "ada");
  secret[0] ^= 1;
  assert.throws(() => jwt.verify(token, secret), { message: "invalid signature" });
});

test("what is no key", () => {
  for (const key of [5, true, {}, [], () => {}, Symbol("key"), 10n, new Date(), { key: "secret" }]) {
    assert.throws(() => jwt.sign({}, key), { message: "secretOrPrivateKey is not valid key material" });
  }
});

test("{ key }: what Node makes a private or a public key of, and nothing else", () => {
  const { privateKey, publicKey } = generateKey("ES256");
  const privateDer = createPrivateKey(privateKey).export({ format: "der", type: "pkcs8" });
  const token = jwt.sign({ sub: "ada" }, { key: privateDer, format: "der", type: "pkcs8" }, { algorithm: "ES256" });
  for (const key of [{ key: publicKey }, { key: privateKey }, { key: privateDer, format: "der", type: "pkcs8" }])
    assert.equal(jwt.verify(token, key).sub, "ada");
  for (const key of [
    { key: publicKey },
    { key: "secret" },
    { key: "" },
    { key: {}, format: "jwk" },
    { key: null, format: "jwk" },
    { key: 5 },
    { key: privateKey, passphrase: 5 },
  ]) {
    assert.throws(() => jwt.sign({}, key, { algorithm: "ES256" }), {
      message: "secretOrPrivateKey is not valid key material",
    });
  }
});

const pair = generateKey("ES256");
const oct = { kty: "oct", k: "MzIgYnl0ZXMgYXJlIHRoZSBsZWFzdCBmb3IgU0hBLTI1Ng" };
const forbidden = {
  code: "ERR_KEY_INVALID",
  message: /^secretOr(Public|Private)Key cannot be used with this algorithm$/,
};

/** What a JWK may be limited to, and whether it then signs and verifies. */
const limits = [
  [{}, true, true],
  [{ use: "sig" }, true, true],
  [{ use: "enc" }, false, false],
  [{ key_ops: ["sign", "verify"] }, true, true],
  [{ key_ops: ["verify"] }, false, true],
  [{ key_ops: [] }, false, false],
  [{ key_ops: ["encrypt", "wrapKey"] }, false, false],
  [{ use: "sig", key_ops: ["deriveKey"] }, false, false],
  [{ alg: "none" }, false, false],
  [{ alg: "RS256" }, false, false],
  [{ alg: "" }, false, false],
];

for (const [limit, signs, verifies] of limits) {
  test(`a JWK with ${JSON.stringify(limit)}`, () => {
    const { alg: _, ...privateJwk } = pair.privateJwk;
    const { alg: __, ...publicJwk } = pair.publicJwk;
    for (const [algorithm, signer, verifier] of [
      ["ES256", privateJwk, publicJwk],
      ["HS256", oct, oct],
    ]) {
      const token = jwt.sign({ sub: "ada" }, signer, { algorithm });
      const sign = () => jwt.sign({}, { ...signer, ...limit }, { algorithm });
      signs ? assert.ok(sign()) : assert.throws(sign, forbidden);
      for (const key of [{ ...verifier, ...limit }, JSON.stringify({ ...verifier, ...limit })]) {
        const verify = () => jwt.verify(token, key).sub;
        verifies ? assert.equal(verify(), "ada") : assert.throws(verify, { name: "JsonWebTokenError", ...forbidden });
      }
      // In a set it is no candidate.
      const bySet = () => jwt.verify(token, { keys: [{ ...verifier, ...limit }] }).sub;
      verifies
        ? assert.equal(bySet(), "ada")
        : assert.throws(bySet, { name: "JsonWebTokenError", code: "ERR_KEY_NOT_FOUND" });
    }
  });
}

test("a public JWK that may only sign does not verify; what can sign may look at its own", () => {
  const { privateJwk, publicJwk } = pair;
  const token = jwt.sign({ sub: "ada" }, { ...privateJwk, key_ops: ["sign"] }, { algorithm: "ES256" });
  assert.throws(() => jwt.verify(token, { ...publicJwk, key_ops: ["sign"] }), forbidden);
  assert.equal(jwt.verify(token, { ...privateJwk, key_ops: ["sign"] }).sub, "ada");
  assert.equal(jwt.verify(jwt.sign({ sub: "ada" }, oct), { ...oct, key_ops: ["sign"] }).sub, "ada");
});

test("members of a JWK that are wrong, missing or spelled another way", () => {
  const { alg, kid, ...jwk } = pair.publicJwk;
  const x = Buffer.from(jwk.x, "base64url");
  const token = jwt.sign({}, pair.privateKey, { algorithm: "ES256" });
  const wrong = {
    "x too short": { ...jwk, x: x.subarray(1).toString("base64url") },
    "x with a zero before it": { ...jwk, x: Buffer.concat([Buffer.alloc(1), x]).toString("base64url") },
    "x padded": { ...jwk, x: `${jwk.x}=` },
    "x with white space": { ...jwk, x: `${jwk.x} ` },
    "x as a number": { ...jwk, x: 5 },
    "not on the curve": { ...jwk, y: jwk.x },
    "the point at infinity": {
      ...jwk,
      x: Buffer.alloc(32).toString("base64url"),
      y: Buffer.alloc(32).toString("base64url"),
    },
    "no y": { kty: jwk.kty, crv: jwk.crv, x: jwk.x },
    "another curve": { ...jwk, crv: "P-384" },
    "a curve in small letters": { ...jwk, crv: "p-256" },
    "a type in small letters": { ...jwk, kty: "ec" },
    "key_ops as text": { ...jwk, key_ops: "verify" },
    "another's private half": { ...generateKey("ES256").privateJwk, x: jwk.x, y: jwk.y },
    "a member twice": JSON.stringify(jwk).replace("{", '{"kty":"EC",'),
    "an empty secret": { kty: "oct", k: "" },
    "no secret": { kty: "oct" },
    "a padded secret": { kty: "oct", k: "c2VjcmV0cw==" },
  };
  for (const [name, key] of Object.entries(wrong)) {
    assert.throws(
      () => jwt.verify(token, key),
      { name: "JsonWebTokenError", message: /^secretOrPublicKey is not valid key material: / },
      name,
    );
  }
  assert.deepEqual(Object.keys(jwt.verify(token, { ...jwk, x5c: ["not read"], anything: {} })), ["iat"]);
});

test("a kid that is no string names no key of a set, and does no harm", () => {
  const set = { keys: [pair.publicJwk] };
  const [, payload, signature] = jwt.sign({}, pair.privateKey, { algorithm: "ES256" }).split(".");
  for (const kid of [5, 0, true, null, {}, [], [pair.publicJwk.kid], 1e300]) {
    const header = Buffer.from(JSON.stringify({ alg: "ES256", kid })).toString("base64url");
    assert.throws(() => jwt.verify(`${header}.${payload}.${signature}`, set), {
      name: "JsonWebTokenError",
      code: "ERR_KEY_NOT_FOUND",
    });
    assert.throws(() => jwt.sign({}, { keys: [pair.privateJwk] }, { algorithm: "ES256", keyid: kid }), {
      code: "ERR_KEY_NOT_FOUND",
    });
  }
});

test("a set of secrets and public keys verifies only by algorithms that are named", () => {
  const mixed = { keys: [pair.publicJwk, { ...oct, kid: "secret" }] };
  const byPair = jwt.sign({ sub: "ada" }, pair.privateKey, { algorithm: "ES256", keyid: pair.publicJwk.kid });
  const bySecret = jwt.sign({ sub: "ada" }, oct, { keyid: "secret" });
  for (const [token, algorithms] of [
    [byPair, ["ES256"]],
    [bySecret, ["HS256"]],
  ]) {
    assert.throws(() => jwt.verify(token, mixed), { name: "JsonWebTokenError", code: "ERR_KEY_SET_MIXED" });
    assert.equal(jwt.verify(token, mixed, { algorithms }).sub, "ada");
    assert.equal(jwt.createVerifier(mixed, { algorithms })(token).sub, "ada");
  }
  assert.throws(() => jwt.verify(byPair, mixed, { algorithms: ["HS256"] }), { message: "invalid algorithm" });
  // Whoever signs has said the algorithm.
  assert.ok(jwt.sign({}, { keys: [pair.privateJwk, oct] }, { algorithm: "HS256" }));
});

test("a JWK that changes is another key, whether in place or by a toJSON", () => {
  const token = jwt.sign({ sub: "ada" }, pair.privateKey, { algorithm: "ES256" });
  const jwk = { ...pair.publicJwk };
  const set = { keys: [jwk] };
  assert.equal(jwt.verify(token, jwk).sub, "ada");
  assert.equal(jwt.verify(token, set).sub, "ada");
  const verifier = jwt.createVerifier(jwk);
  Object.assign(jwk, generateKey("ES256").publicJwk);
  assert.throws(() => jwt.verify(token, jwk), { message: "invalid signature" });
  assert.throws(() => jwt.verify(token, set), { message: "invalid signature" });
  assert.equal(verifier(token).sub, "ada");
  for (const text of ["secret", {}, "{}", []]) {
    const liar = { ...pair.publicJwk, toJSON: () => text };
    assert.throws(() => jwt.verify(jwt.sign({}, "secret"), liar), { code: /^ERR_KEY_/ });
    assert.throws(() => jwt.sign({}, liar), { code: /^ERR_KEY_/ });
  }
});

test("keys that have no JSON are refused with a code", () => {
  const circle = { kty: "oct", k: oct.k };
  circle.circle = circle;
  for (const key of [circle, { kty: "oct", k: 5n }, { keys: [circle] }, { keys: [{ kty: "oct", k: 5n }] }]) {
    assert.throws(() => jwt.verify(jwt.sign({}, "secret"), key), {
      name: "JsonWebTokenError",
      code: "ERR_KEY_INVALID",
    });
    assert.throws(() => jwt.createVerifier(key)(jwt.sign({}, "secret")), { code: "ERR_KEY_INVALID" });
    assert.throws(() => jwt.sign({}, key), { code: "ERR_KEY_INVALID" });
  }
});

test("a JWK that holds PEM in a member is the JWK, with its limits", () => {
  const other = generateKey("ES256");
  const jwk = JSON.stringify({ ...pair.publicJwk, use: "enc", kid: other.publicKey });
  const token = jwt.sign({}, other.privateKey, { algorithm: "ES256" });
  assert.throws(() => jwt.verify(token, jwk), { code: "ERR_KEY_INVALID" });
  assert.throws(() => jwt.verify(token, JSON.parse(jwk)), { code: "ERR_KEY_INVALID" });
});

test("the known way judges as the other way does", () => {
  const token = jwt.sign({ sub: "ada" }, pair.privateKey, { algorithm: "ES256", keyid: pair.publicJwk.kid });
  const mixed = { keys: [pair.publicJwk, { ...oct, kid: "secret" }] };
  for (let round = 0; round < 2; round += 1) {
    for (const algorithms of [null, "", 0, false, undefined]) {
      assert.throws(() => jwt.verify(token, mixed, { algorithms }), { code: "ERR_KEY_SET_MIXED" });
    }
    assert.equal(jwt.verify(token, pair.publicKey, { algorithms: null }).sub, "ada");
  }
});

test("what a key function makes of a header is not remembered", async () => {
  const set = { keys: [{ ...pair.publicJwk, kid: "1" }] };
  const token = jwt.sign({ sub: "ada" }, pair.privateKey, { algorithm: "ES256", keyid: "another tenant/1" });
  const options = { algorithms: ["ES256"] };
  const found = await jwt.verifyAsync(
    token,
    (header) => {
      header.kid = header.kid.split("/")[1];
      return pair.publicKey;
    },
    options,
  );
  assert.equal(found.sub, "ada");
  for (let round = 0; round < 2; round += 1) {
    assert.throws(() => jwt.verify(token, set, options), { code: "ERR_KEY_NOT_FOUND" });
  }
});

test("odd algorithms, tolerances and buffers have a code", () => {
  const bare = `${Buffer.from("{}").toString("base64url")}.${Buffer.from("{}").toString("base64url")}.AAAA`;
  for (const algorithms of [[undefined], [null], [5]]) {
    assert.throws(() => jwt.verify(bare, "secret", { algorithms }), { message: "invalid algorithm" });
  }
  const expired = jwt.sign({ exp: 1 }, "secret");
  for (const clockTolerance of [{}, "5", [1e12], true]) {
    assert.throws(() => jwt.verify(expired, "secret", { clockTolerance }), { code: "ERR_JWT_OPTIONS" });
  }
  const gone = new ArrayBuffer(32);
  const view = new DataView(gone);
  structuredClone(gone, { transfer: [gone] });
  assert.throws(() => jwt.sign({}, view), { code: /^ERR_KEY_/ });
});
