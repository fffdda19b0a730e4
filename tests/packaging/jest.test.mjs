// Jest, in Node's environment and in jsdom's: there the globals, and the realm of the values, are not Node's own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";

import { unpack } from "./packed.mjs";

const require = createRequire(import.meta.url);
const packed = unpack();
after(() => packed.remove());

const program = `
  const { createSecretKey, generateKeyPairSync } = require("node:crypto");
  const jwt = require("tandem-jwt");
  const { createSessions, memoryStore } = require("tandem-jwt/session");

  test("a token is signed and verified, and a tampered one is refused", () => {
    const token = jwt.sign({ sub: "ada", name: "é😀" }, "secret");
    expect(jwt.verify(token, "secret").name).toBe("é😀");
    expect(() => jwt.verify(token + "x", "secret")).toThrow(jwt.JsonWebTokenError);
    expect(() => jwt.verify(jwt.sign({ exp: 1 }, "secret"), "secret")).toThrow(jwt.TokenExpiredError);
    expect(jwt.decode(token).sub).toBe("ada");
  });

  test("keys are KeyObjects, Buffers and PEM", () => {
    const secret = createSecretKey(Buffer.from("a secret of thirty-two bytes, yes"));
    expect(jwt.verify(jwt.sign({ a: 1 }, secret), secret).a).toBe(1);
    expect(jwt.verify(jwt.sign({ a: 1 }, Buffer.from("bytes")), "bytes").a).toBe(1);
    expect(jwt.verify(jwt.sign({ a: 1 }, new TextEncoderLike("bytes")), "bytes").a).toBe(1);
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = pair.privateKey.export({ format: "pem", type: "pkcs8" });
    const token = jwt.sign({ a: 1 }, pem, { algorithm: "ES256" });
    expect(jwt.verify(token, pair.publicKey).a).toBe(1);
  });
  // This realm's own bytes.
  function TextEncoderLike(text) {
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  }

  test("a payload of bytes is signed as it is", () => {
    const payloadOf = (bytes) => Buffer.from(jwt.sign(bytes, "secret").split(".")[1], "base64url").toString();
    expect(payloadOf(Buffer.from("plain"))).toBe("plain");
  });

  test("a RegExp of this realm is one", () => {
    const token = jwt.sign({ aud: "api" }, "secret");
    expect(jwt.verify(token, "secret", { audience: /^a/ }).aud).toBe("api");
    expect(() => jwt.verify(token, "secret", { audience: /^b/ })).toThrow("jwt audience invalid");
  });

  test("a session rotates", async () => {
    const keys = { access: "a secret of at least thirty-two bytes" };
    const sessions = createSessions({ issuer: "i", audience: "a", clientId: "c", keys, store: memoryStore() });
    const pair = await sessions.issue({ sub: "ada" });
    expect((await sessions.refresh(pair.refresh)).outcome).toBe("rotated");
    expect((await sessions.verify(pair.access)).ok).toBe(true);
  });
`;

for (const environment of ["node", "jsdom"]) {
  test(`Jest in ${environment}`, () => {
    writeFileSync(join(packed.folder, "realm.test.js"), program);
    const config = {
      rootDir: packed.folder,
      testEnvironment: environment === "node" ? "node" : require.resolve("jest-environment-jsdom"),
      cacheDirectory: join(packed.folder, "cache"),
      haste: { enableSymlinks: false },
    };
    const arguments_ = [require.resolve("jest/bin/jest"), "--json", "--ci", "--config", JSON.stringify(config)];
    const { stdout, stderr } = spawnSync(process.execPath, arguments_, { cwd: packed.folder, encoding: "utf8" });
    const result = JSON.parse(stdout);
    assert.equal(result.numFailedTests + result.numFailedTestSuites, 0, stderr);
    assert.equal(result.numPassedTests, 5);
  });
}
