import assert from "node:assert/strict";
import { test } from "node:test";

import { jwtVerify, SignJWT } from "jose";
import jwt, { createSigner, createVerifier, generateKey, signAsync, verifyAsync } from "tandem-jwt";

const { subtle } = globalThis.crypto;
const payload = { sub: "ada", iat: 1_700_000_000 };
const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

/** What WebCrypto makes, none of it extractable. */
const made = {
  HS256: [{ name: "HMAC", hash: "SHA-256", length: 256 }],
  HS512: [{ name: "HMAC", hash: "SHA-512", length: 512 }],
  RS256: [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", ...rsa }],
  PS384: [{ name: "RSA-PSS", hash: "SHA-384", ...rsa }],
  ES256: [{ name: "ECDSA", namedCurve: "P-256" }],
  ES384: [{ name: "ECDSA", namedCurve: "P-384" }],
  ES512: [{ name: "ECDSA", namedCurve: "P-521" }],
  EdDSA: [{ name: "Ed25519" }],
};

for (const [algorithm, [parameters]] of Object.entries(made)) {
  test(`${algorithm}: a CryptoKey that never leaves the host signs and verifies`, async () => {
    const key = await subtle.generateKey(parameters, false, ["sign", "verify"]);
    const { privateKey = key, publicKey = key } = key;
    const token = await signAsync(payload, privateKey, { algorithm });
    assert.deepEqual(await verifyAsync(token, publicKey), payload);
    assert.deepEqual((await jwtVerify(token, publicKey)).payload, payload);
    const theirs = await new SignJWT(payload).setProtectedHeader({ alg: algorithm }).sign(privateKey);
    assert.equal((await verifyAsync(theirs, publicKey, { complete: true })).header.alg, algorithm);

    // The last character may have bits to spare, so one before it is changed.
    const at = token.length - 5;
    const tampered = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    await assert.rejects(verifyAsync(tampered, publicKey), { name: "JsonWebTokenError", message: "invalid signature" });
    await assert.rejects(verifyAsync(token, publicKey, { algorithms: ["none"] }), { message: "invalid algorithm" });
    const other = algorithm.startsWith("HS") ? "HS384" : algorithm === "RS256" ? "RS512" : "RS256";
    await assert.rejects(signAsync(payload, privateKey, { algorithm: other }), { code: "ERR_KEY_INVALID" });
    assert.throws(() => jwt.sign(payload, privateKey, { algorithm }), { message: /signAsync/ });
    assert.throws(() => jwt.verify(token, publicKey), { message: /verifyAsync/ });
  });
}

test("keys by promise and by function", async () => {
  const token = await signAsync(payload, async () => "secret", { keyid: "k" });
  assert.equal(token, jwt.sign(payload, "secret", { keyid: "k" }));
  assert.deepEqual(await verifyAsync(token, Promise.resolve("secret")), payload);
  assert.deepEqual(await verifyAsync(token, async (header) => (header.kid === "k" ? "secret" : "other")), payload);
  await assert.rejects(
    verifyAsync(token, () => "other"),
    { message: "invalid signature" },
  );
  await assert.rejects(
    verifyAsync(token, async () => {
      throw new Error("no such key");
    }),
    {
      name: "JsonWebTokenError",
      message: "error in secret or public key callback: no such key",
      code: "ERR_KEY_CALLBACK",
    },
  );
});

test("what is wrong comes as a rejection", async () => {
  await assert.rejects(signAsync(payload, ""), { message: "secretOrPrivateKey must have a value" });
  await assert.rejects(verifyAsync("", "secret"), { message: "jwt must be provided" });
  await assert.rejects(verifyAsync(jwt.sign({ exp: 1 }, "secret"), "secret"), { name: "TokenExpiredError" });
});

test("a prepared signer and verifier keep their key, whatever becomes of its bytes", () => {
  const secret = Buffer.from("bytes of a secret");
  const sign = createSigner(secret, { expiresIn: "1h" });
  const verify = createVerifier(secret, { algorithms: ["HS256"] });
  secret.fill(0);
  const token = sign({ sub: "ada" });
  assert.equal(verify(token).sub, "ada");
  assert.equal(jwt.verify(token, "bytes of a secret").sub, "ada");
  assert.throws(() => jwt.verify(token, secret), { message: "invalid signature" });
  assert.throws(() => createSigner("secret", { expires: 1 }), { message: '"expires" is not allowed in "options"' });
  assert.throws(() => createVerifier("secret", { nonce: "" }), { message: "nonce must be a non-empty string" });
});

test("prepared with a pair, and with a set", () => {
  const { privateKey, publicJwk } = generateKey("ES256");
  const token = createSigner(privateKey, { algorithm: "ES256", keyid: publicJwk.kid })({ sub: "ada" });
  assert.equal(createVerifier(publicJwk)(token).sub, "ada");
  const bySet = createVerifier({ keys: [generateKey("ES256").publicJwk, publicJwk] }, { complete: true });
  assert.equal(bySet(token).header.kid, publicJwk.kid);
  assert.equal(bySet(token).payload.sub, "ada");
});
