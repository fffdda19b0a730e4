// Workers of a date before hosts told when a value is collected: keys must not pile up there either.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

import { bundleWorker } from "../../www/build.mjs";

const fixture = path.join(path.dirname(fileURLToPath(import.meta.url)), "fixtures/keys.js");
const count = process.env.TANDEM_DEEP === "1" ? 340_000 : 20_000;

for (const [compatibilityDate, hasRegistry] of [
  ["2024-09-23", false],
  ["2026-04-01", true],
]) {
  test(`signers, verifiers and KeyObjects that nobody keeps, in a Worker of ${compatibilityDate}`, async () => {
    const mf = new Miniflare({
      cf: false,
      modules: await bundleWorker(fixture),
      compatibilityDate,
      compatibilityFlags: ["nodejs_compat"],
    });
    try {
      const response = await mf.dispatchFetch(`http://localhost/?count=${count}`);
      const { bytes, ...told } = await response.json();
      assert.deepEqual(told, { hasRegistry, wrong: 0, kept: "ada" });
      // Three keys a round, of which a bounded number lives at once.
      assert.ok(bytes < 48 << 20, `${bytes} bytes`);
    } finally {
      await mf.dispose();
    }
  });
}
