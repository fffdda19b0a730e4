import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

const require = createRequire(import.meta.url);
/** What is inside of the copy that Node loads, by `import` as by `require`. */
const internal = (path) => require(`../../pkg/dist/cjs/${path}`);

test("nothing is compiled at import", async () => {
  const { Module } = WebAssembly;
  let compiled = 0;
  WebAssembly.Module = class extends Module {
    constructor(bytes) {
      super(bytes);
      compiled += 1;
    }
  };
  try {
    const { default: jwt } = await import("tandem-jwt");
    assert.equal(compiled, 0);
    jwt.sign({}, "secret");
    jwt.sign({}, "secret");
    assert.equal(compiled, 1);
    // The wasm of keys waits for the first of them.
    jwt.generateKey("ES256");
    jwt.generateKey("ES256");
    assert.equal(compiled, 2);
  } finally {
    WebAssembly.Module = Module;
  }
});

test("require and import give the same functions, as plain properties that can be replaced", async () => {
  const required = require("tandem-jwt");
  const imported = await import("tandem-jwt");
  const names = [
    "ACCESS_TOKEN",
    "JsonWebTokenError",
    "NotBeforeError",
    "TokenExpiredError",
    "createSigner",
    "createVerifier",
    "decode",
    "generateKey",
    "init",
    "setBackend",
    "sign",
    "signAsync",
    "thumbprint",
    "verify",
    "verifyAsync",
  ];
  assert.deepEqual(Object.keys(required).sort(), names);
  assert.deepEqual(Object.keys(imported).sort(), [...names, "default"].sort());
  assert.equal(required.default, required);
  // One copy: the same classes on both sides, and a member that is replaced is replaced for both.
  assert.equal(imported.default, required);
  for (const name of names) assert.equal(imported[name], required[name], name);
  for (const double of [Object.create(required), new Proxy(required, {}), { ...required }]) {
    assert.equal(double.__esModule, undefined);
    assert.equal(double.sign, required.sign);
  }
  const { verify } = required;
  required.verify = () => "replaced";
  assert.equal(required.verify(), "replaced");
  required.verify = verify;
  assert.equal(required.verify(imported.sign({ sub: "ada" }, "secret"), "secret").sub, "ada");
});

test("a trapped instance is replaced, and keys made before it work after it", async () => {
  const { default: jwt } = await import("tandem-jwt");
  const { core } = internal("core/core.js");
  const token = jwt.sign({ sub: "ada" }, "secret");
  const before = core.instanceNumber();
  // Every borrow flag in static data says now that its value is borrowed, which ends in a trap.
  new Uint8Array(core.memory().buffer).fill(0x01);
  assert.throws(
    () => jwt.verify(token, "secret"),
    (error) => {
      assert.equal(error.code, "ERR_WASM_TRAP");
      assert.ok(error.cause instanceof WebAssembly.RuntimeError);
      return true;
    },
  );
  assert.equal(core.instanceNumber(), before + 1);
  assert.equal(jwt.verify(token, "secret").sub, "ada");
  assert.throws(() => jwt.verify(token, "wrong"), { message: "invalid signature" });
});

test("each wasm is replaced by itself, and keys that the other one holds stay", async () => {
  const { default: jwt, createVerifier, generateKey, setBackend } = await import("tandem-jwt");
  const { core } = internal("core/core.js");
  const { keys } = internal("core/keys.js");
  const { privateKey, publicKey } = generateKey("ES256");
  const byPair = jwt.sign({ sub: "ada" }, privateKey, { algorithm: "ES256" });
  const bySecret = jwt.sign({ sub: "ada" }, "secret");
  setBackend("wasm");
  try {
    for (const [fails, other, token, key, otherToken, otherKey] of [
      [core, keys, bySecret, "secret", byPair, publicKey],
      [keys, core, byPair, publicKey, bySecret, "secret"],
    ]) {
      const verify = createVerifier(Buffer.from(otherKey));
      assert.equal(verify(otherToken).sub, "ada");
      assert.equal(jwt.verify(token, key).sub, "ada");
      const before = [fails.instanceNumber(), other.instanceNumber(), other.held.ever];
      new Uint8Array(fails.memory().buffer).fill(0x01);
      assert.throws(() => jwt.verify(token, key), { code: "ERR_WASM_TRAP" });
      assert.equal(verify(otherToken).sub, "ada");
      assert.deepEqual(
        [fails.instanceNumber(), other.instanceNumber(), other.held.ever],
        [before[0] + 1, ...before.slice(1)],
      );
      assert.equal(jwt.verify(token, key).sub, "ada");
    }
  } finally {
    setBackend("auto");
  }
});

test("a host that refuses WebAssembly is told the cure", async () => {
  const { core } = await import(`${new URL("../../pkg/dist/core/core.js", import.meta.url)}?fresh`);
  const { Module } = WebAssembly;
  WebAssembly.Module = function refuse() {
    throw new RangeError("too large for this thread");
  };
  try {
    assert.throws(
      () => core.exports(),
      (error) => {
        assert.equal(error.code, "ERR_WASM_UNAVAILABLE");
        return /await init\(\).*wasm-unsafe-eval/.test(error.message) && error.cause instanceof RangeError;
      },
    );
  } finally {
    WebAssembly.Module = Module;
  }
  assert.ok(core.exports());
});
