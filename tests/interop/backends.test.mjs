/**
 * One behaviour, whoever does the arithmetic: the suites of key pairs run again in the wasm alone, and each back end
 * verifies, and refuses, what the other one has signed.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createPublicKey, generateKeyPairSync, randomInt } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import jwt, { setBackend, signAsync, verifyAsync } from "tandem-jwt";

const require = createRequire(import.meta.url);
const { webcryptoCounts } = require("../../pkg/dist/cjs/jwt/webcrypto.js");
const { hostCounts } = require("../../pkg/dist/cjs/jwt/host.js");
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const pem = (type, options) =>
  generateKeyPairSync(type, {
    ...options,
    publicKeyEncoding: { format: "pem", type: "spki" },
    privateKeyEncoding: { format: "pem", type: "pkcs8" },
  });
const rsa = pem("rsa", { modulusLength: 2048 });
const PAIRS = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: pem("ec", { namedCurve: "P-256" }),
  ES384: pem("ec", { namedCurve: "P-384" }),
  ES512: pem("ec", { namedCurve: "P-521" }),
  EdDSA: pem("ed25519"),
};
/** Browsers refuse some signatures of Ed25519 that fulfil its equation, so WebCrypto alone is not asked. */
const VERIFIED_BY_WEB = Object.keys(PAIRS).filter((algorithm) => algorithm !== "EdDSA");

/** Whether the host is to do an operation: by itself it is left out of what the wasm does faster. */
function isByHost(backend, operation, algorithm) {
  if (backend !== "auto") return backend === "node";
  return !(operation === "verify" ? ["ES384", "ES512"] : ["ES512"]).includes(algorithm);
}

/** Runs a call by one back end, and says how many operations the host did. */
function by(backend, call) {
  const before = hostCounts();
  setBackend(backend);
  try {
    return { result: call(), host: hostCounts().sign + hostCounts().verify - before.sign - before.verify };
  } finally {
    setBackend("auto");
  }
}

for (const [algorithm, { privateKey, publicKey }] of Object.entries(PAIRS)) {
  test(`${algorithm}: what one back end signs the other one verifies, and tampering neither`, () => {
    for (const signer of ["auto", "node", "wasm"]) {
      for (const verifier of ["auto", "node", "wasm"]) {
        const signed = by(signer, () => jwt.sign({ sub: "ada", iat: 1 }, privateKey, { algorithm, keyid: "k" }));
        assert.equal(signed.host, isByHost(signer, "sign", algorithm) ? 1 : 0, `${signer} signed`);
        const verify = (token) => jwt.verify(token, publicKey, { algorithms: [algorithm] });
        const verified = by(verifier, () => verify(signed.result));
        assert.equal(verified.host, isByHost(verifier, "verify", algorithm) ? 1 : 0, `${verifier} verified`);
        assert.equal(verified.result.sub, "ada");

        const end = signed.result.lastIndexOf(".") + 1;
        for (let round = 0; round < 8; round += 1) {
          const bytes = Buffer.from(signed.result.slice(end), "base64url");
          bytes[randomInt(bytes.length)] ^= 1 << randomInt(8);
          const forged = signed.result.slice(0, end) + bytes.toString("base64url");
          by(verifier, () => assert.throws(() => verify(forged), { message: "invalid signature" }));
        }
        for (const length of [0, 1, 31, 63, 65]) {
          const cut = signed.result.slice(0, end) + Buffer.alloc(length, 1).toString("base64url");
          by(verifier, () => assert.throws(() => verify(cut), { name: "JsonWebTokenError" }));
        }
      }
    }
  });
}

test("a key that its JWK limits is the wasm's, or the host's for the one algorithm that the JWK names", () => {
  const jwk = { ...require("node:crypto").createPublicKey(rsa.publicKey).export({ format: "jwk" }) };
  const token = (algorithm) => jwt.sign({ a: 1 }, rsa.privateKey, { algorithm });
  const verify = (key, algorithm) => by("auto", () => jwt.verify(token(algorithm), key, { algorithms: [algorithm] }).a);
  assert.equal(verify({ ...jwk, alg: "RS256", use: "sig" }, "RS256").result, 1);
  for (const limited of [
    { ...jwk, alg: "RS256" },
    { ...jwk, use: "enc" },
    { ...jwk, key_ops: ["sign"] },
  ]) {
    for (const backend of ["auto", "wasm"]) {
      const call = () => jwt.verify(token("RS512"), limited, { algorithms: ["RS512"] });
      by(backend, () => assert.throws(call, { code: "ERR_KEY_INVALID" }));
      by(backend, () =>
        assert.throws(() => jwt.verify(token("RS512"), JSON.stringify(limited), { algorithms: ["RS512"] })),
      );
    }
  }
});

for (const [algorithm, { privateKey, publicKey }] of Object.entries(PAIRS)) {
  test(`${algorithm}: WebCrypto signs and verifies with keys that are lent to it, and judges as the others do`, async () => {
    const options = { algorithms: [algorithm] };
    const byWeb = async (call) => {
      const before = { ...webcryptoCounts };
      setBackend("webcrypto");
      try {
        return {
          result: await call(),
          done: webcryptoCounts.sign + webcryptoCounts.verify - before.sign - before.verify,
        };
      } finally {
        setBackend("auto");
      }
    };
    const signed = await byWeb(() => signAsync({ sub: "ada", iat: 1 }, privateKey, { algorithm, keyid: "k" }));
    assert.equal(signed.done, 1, "WebCrypto signed");
    assert.deepEqual(jwt.decode(signed.result, { complete: true }).header, { alg: algorithm, typ: "JWT", kid: "k" });
    for (const verifier of ["node", "wasm"]) {
      assert.equal(by(verifier, () => jwt.verify(signed.result, publicKey, options)).result.sub, "ada");
    }
    const theirs = jwt.sign({ sub: "ada" }, privateKey, { algorithm });
    for (const key of [publicKey, createPublicKey(publicKey), createPublicKey(publicKey).export({ format: "jwk" })]) {
      const verified = await byWeb(() => verifyAsync(theirs, key, options));
      const done = VERIFIED_BY_WEB.includes(algorithm) ? 1 : 0;
      assert.deepEqual([verified.result.sub, verified.done], ["ada", done], "WebCrypto verified");
    }
    const end = theirs.lastIndexOf(".") + 1;
    for (let round = 0; round < 16; round += 1) {
      const signature = Buffer.from(theirs.slice(end), "base64url");
      signature[randomInt(signature.length)] ^= 1 << randomInt(8);
      const tampered = theirs.slice(0, end) + signature.toString("base64url");
      await assert.rejects(
        byWeb(() => verifyAsync(tampered, publicKey, options)),
        { message: "invalid signature" },
      );
    }
    for (const wrong of [theirs.slice(0, -4), `${theirs}AAAA`, `${theirs.slice(0, end)}AA`]) {
      const said = (call) => call.then(assert.fail, ({ message }) => message);
      const byOthers = await said((async () => jwt.verify(wrong, publicKey, options))());
      assert.equal(await said(byWeb(() => verifyAsync(wrong, publicKey, options))), byOthers);
    }
    const limited = { ...createPublicKey(publicKey).export({ format: "jwk" }), key_ops: ["sign"] };
    await assert.rejects(
      byWeb(() => verifyAsync(theirs, limited, options)),
      { code: "ERR_KEY_INVALID" },
    );
  });
}

test("many calls at once give the same answers as one after another", async () => {
  for (const [algorithm, { privateKey, publicKey }] of Object.entries(PAIRS)) {
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, count) => signAsync({ count }, privateKey, { algorithm })),
    );
    const verified = await Promise.all(tokens.map((token) => verifyAsync(token, publicKey)));
    assert.deepEqual(
      verified.map(({ count }) => count),
      Array.from({ length: 20 }, (_, count) => count),
    );
  }
});

test("a wrong signature is judged once, whether or not the header is known", async () => {
  const { privateKey, publicKey } = PAIRS.RS256;
  for (const keyid of ["known", "new"]) {
    const token = jwt.sign({ a: 1 }, privateKey, { algorithm: "RS256", keyid });
    if (keyid === "known") jwt.verify(token, publicKey);
    const wrong = jwt.sign({ a: 1 }, pem("rsa", { modulusLength: 2048 }).privateKey, { algorithm: "RS256", keyid });
    const before = hostCounts().verify;
    assert.throws(() => jwt.verify(wrong, publicKey), { message: "invalid signature" });
    await assert.rejects(verifyAsync(wrong, publicKey), { message: "invalid signature" });
    assert.equal(hostCounts().verify - before, 2);
  }
});

test("a promise of a key is waited for, even if it looks like a key itself", async () => {
  const jwkOf = ({ publicKey }) => createPublicKey(publicKey).export({ format: "jwk" });
  const [mine, other] = [jwkOf(PAIRS.ES256), jwkOf({ publicKey: pem("ec", { namedCurve: "P-256" }).publicKey })];
  const token = jwt.sign({ a: 1 }, PAIRS.ES256.privateKey, { algorithm: "ES256" });
  jwt.verify(token, mine);
  const promise = Object.assign(Promise.resolve(other), mine);
  await assert.rejects(verifyAsync(token, promise), { message: "invalid signature" });
});

test("setBackend takes the names of back ends", () => {
  assert.throws(() => setBackend("host"), TypeError);
});

test("the suites of key pairs pass in the wasm alone", async () => {
  const suites = ["pairs", "forged", "jose", "rfc"].map((name) => here(`./${name}.test.mjs`));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const options = ["--import", here("./wasm-only.mjs"), "--test", "--test-reporter=tap"];
  const { stdout } = await promisify(execFile)(process.execPath, [...options, ...suites], { env, maxBuffer: 1 << 26 });
  assert.match(stdout, /^# fail 0$/m);
  assert.ok(Number(/^# pass (\d+)$/m.exec(stdout)[1]) > 50);
});
