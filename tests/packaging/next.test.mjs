// One application of Next: a route in Node, a route at the edge, a proxy, and a client component.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import jwt from "tandem-jwt";

import { launch, skip } from "../browser/chromium.mjs";
import { matrix, project, tool } from "./matrix/project.mjs";
import { rsaKeys } from "./packed.mjs";
import { ticked } from "./table.mjs";

const ALL = { algorithms: ticked("Node"), both: 6, sessions: 6 };

describe("Next", () => {
  const packed = project();
  const environment = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
  const next = tool("next", "dist/bin/next");
  let server;
  let address;
  before(async () => {
    cpSync(join(matrix, "next"), packed.folder, { recursive: true });
    writeFileSync(join(packed.folder, "rsa.mjs"), `export const rsa = ${JSON.stringify(rsaKeys())};\n`);
    try {
      const options = { cwd: packed.folder, env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
      execFileSync(process.execPath, [next, "build"], options);
    } catch (error) {
      throw new Error(`next build: ${error.stdout}${error.stderr}`);
    }
    server = spawn(process.execPath, [next, "start", "--hostname", "127.0.0.1", "--port", "0"], {
      cwd: packed.folder,
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    address = await new Promise((resolve, reject) => {
      let printed = "";
      server.on("exit", () => reject(new Error(`next start: ${printed}`)));
      server.stdout.on("data", (data) => {
        printed += data;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
        if (found && /Ready/.test(printed)) resolve(found[0]);
      });
    });
  });
  after(() => {
    server?.kill();
    packed.remove();
  });

  for (const [name, path, edge] of [
    ["a route in Node", "/node-route", false],
    ["a route at the edge", "/edge-route", true],
  ]) {
    test(name, async () => {
      const response = await fetch(address + path);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { ...ALL, edge });
    });
  }

  test("the proxy verifies, and refuses a tampered and an expired token", async () => {
    const ask = async (token) => {
      const response = await fetch(`${address}/guarded`, { headers: { authorization: `Bearer ${token}` } });
      return [response.status, await response.json()];
    };
    const token = jwt.sign({ sub: "ada" }, "secret");
    assert.deepEqual(await ask(token), [200, { sub: "ada" }]);
    const tampered = `${token.slice(0, -9)}AAAAAAAA${token.slice(-1)}`;
    assert.deepEqual(await ask(tampered), [401, { code: "ERR_JWT_SIGNATURE" }]);
    assert.deepEqual(await ask(jwt.sign({ exp: 1 }, "secret")), [401, { code: "ERR_JWT_EXPIRED" }]);
  });

  test("a client component", { skip }, async () => {
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(address);
      await page.waitForFunction(() => globalThis.answer !== undefined, undefined, { timeout: 30_000 });
      assert.deepEqual(await page.evaluate(() => globalThis.answer), ALL);
    } finally {
      await browser.close();
    }
  });
});
