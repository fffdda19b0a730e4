// Compiling ahead of the first call, each form in a process of its own.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Runs a program that is given the bytes of both modules, and says which of them it compiled itself, by their sizes. */
function compiledBy(program) {
  const script = `
    import { generateKeyPairSync, sign } from "node:crypto";
    import { readFileSync } from "node:fs";
    import { createContext, runInContext } from "node:vm";
    const bytes = (name) => readFileSync(new URL(import.meta.resolve("tandem-jwt/" + name + ".wasm")));
    const given = { core: bytes("core"), keys: bytes("keys") };
    const compiled = { core: new WebAssembly.Module(given.core), keys: new WebAssembly.Module(given.keys) };
    const elsewhere = runInContext("(bytes) => new WebAssembly.Module(bytes)", createContext())(given.core);
    if (elsewhere instanceof WebAssembly.Module) throw new Error("the same realm");
    const { Module } = WebAssembly;
    const sizes = [];
    WebAssembly.Module = class extends Module {
      constructor(bytes) {
        super(bytes);
        sizes.push(bytes.length);
      }
    };
    const useSecret = ({ sign, verify }) => verify(sign({}, "secret"), "secret");
    const usePair = ({ generateKey, sign, verify }) => {
      const { privateKey, publicKey } = generateKey("ES256");
      verify(sign({}, privateKey, { algorithm: "ES256" }), publicKey);
    };
    const useFile = ({ verify }) => {
      const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const input = [{ alg: "RS256" }, {}].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
      const signature = sign("sha256", Buffer.from(input), privateKey).toString("base64url");
      verify(input + "." + signature, publicKey.export({ format: "pem", type: "spki" }));
    };
    ${program}
    console.log(JSON.stringify(sizes));
  `;
  const words = ["--input-type=module", "--eval", script];
  const sizes = JSON.parse(execFileSync(process.execPath, words, { cwd: here, encoding: "utf8" }));
  const names = Object.fromEntries(
    ["core", "keys"].map((name) => [
      readFileSync(fileURLToPath(import.meta.resolve(`tandem-jwt/${name}.wasm`))).length,
      name,
    ]),
  );
  return sizes.map((size) => names[size]);
}

const MAIN = 'const jwt = await import("tandem-jwt");';

for (const [what, program, compiled] of [
  ["without init, secrets need one module", "useSecret(jwt);", ["core"]],
  ["and key pairs the other too", "useSecret(jwt); usePair(jwt); usePair(jwt);", ["core", "keys"]],
  ["key files alone need that one", "useFile(jwt);", ["keys"]],
  ["bytes of both", "await jwt.init(given); useSecret(jwt); usePair(jwt);", []],
  ["compiled modules of both", "await jwt.init(compiled); useSecret(jwt); usePair(jwt);", []],
  ["compiled in another realm", "await jwt.init({ core: elsewhere }); useSecret(jwt);", []],
  ["core alone", "await jwt.init({ core: given.core }); useSecret(jwt); usePair(jwt);", ["keys"]],
  ["core by itself", "await jwt.init(given.core); useSecret(jwt); usePair(jwt);", ["keys"]],
  ["an ArrayBuffer", "await jwt.init(Uint8Array.from(given.core).buffer); useSecret(jwt);", []],
  ["what is compiled already stays", "useSecret(jwt); await jwt.init(given); useSecret(jwt); usePair(jwt);", ["core"]],
]) {
  test(what, () => assert.deepEqual(compiledBy(MAIN + program), compiled));
}

test("lite has one module", () => {
  const lite = 'const lite = await import("tandem-jwt/lite");';
  assert.deepEqual(compiledBy(`${lite} await lite.init(given); useSecret(lite);`), []);
  assert.deepEqual(compiledBy(`${lite} useSecret(lite);`), ["core"]);
});

test("sessions by secrets need one module, and by key pairs both", () => {
  const begin = `
    const { createSessions, memoryStore } = await import("tandem-jwt/session");
    const settings = { issuer: "https://id.example", audience: "https://api.example", clientId: "web" };
    const secret = "a secret of at least thirty-two bytes";
    const use = async (keys) => {
      const sessions = createSessions({ ...settings, keys, store: memoryStore() });
      const pair = await sessions.issue({ sub: "ada" });
      if (!(await sessions.verify(pair.access)).ok) throw new Error("not verified");
      if (!(await sessions.refresh(pair.refresh)).ok) throw new Error("not refreshed");
    };
    await use({ access: secret });
  `;
  assert.deepEqual(compiledBy(begin), ["core"]);
  const generateKey = 'const { generateKey } = await import("tandem-jwt");';
  const byPair = "await use({ access: { key: generateKey('ES256').privateKey }, refresh: secret });";
  assert.deepEqual(compiledBy(`${begin}\n${generateKey}\n${byPair}`), ["core", "keys"]);
});
