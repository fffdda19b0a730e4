/**
 * One behaviour, whoever does the arithmetic: the suites of key pairs run again in the wasm alone, and each back end
 * verifies, and refuses, what the other one has signed.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync, randomInt } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import jwt, { setBackend } from "tandem-jwt";

const require = createRequire(import.meta.url);
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
};

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
    for (const signer of ["auto", "wasm"]) {
      for (const verifier of ["auto", "wasm"]) {
        const signed = by(signer, () => jwt.sign({ sub: "ada", iat: 1 }, privateKey, { algorithm, keyid: "k" }));
        assert.equal(signed.host, signer === "auto" ? 1 : 0, `${signer} signed`);
        const verify = (token) => jwt.verify(token, publicKey, { algorithms: [algorithm] });
        const verified = by(verifier, () => verify(signed.result));
        assert.equal(verified.host, verifier === "auto" ? 1 : 0, `${verifier} verified`);
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
