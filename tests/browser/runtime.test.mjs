// The check of every runtime, as a page runs it: bundled, on the main thread, synchronously.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { ticked } from "../packaging/table.mjs";
import { browsers } from "./browsers.mjs";

for (const { name, skip, launch } of browsers) {
  test(`every algorithm and the sessions in ${name}`, { skip }, async () => {
    const contents = `
      import * as jwt from "tandem-jwt";
      import * as sessions from "tandem-jwt/session";
      import { check, checkSessions } from "./packaging/check.mjs";
      globalThis.run = async rsa => ({ algorithms: check(jwt, rsa), sessions: await checkSessions(sessions) });
    `;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
      bundle: true,
      write: false,
      format: "iife",
      platform: "browser",
      logLevel: "error",
    });
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const rsa = {
      privateKey: privateKey.export({ format: "pem", type: "pkcs8" }),
      publicKey: publicKey.export({ format: "pem", type: "spki" }),
    };
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.addScriptTag({ content: outputFiles[0].text });
      assert.deepEqual(await page.evaluate((keys) => globalThis.run(keys), rsa), {
        algorithms: ticked(name),
        sessions: 6,
      });
    } finally {
      await browser.close();
    }
  });
}
