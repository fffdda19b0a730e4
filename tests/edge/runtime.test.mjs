import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

import { bundleWorker } from "../../www/build.mjs";
import { ticked } from "../packaging/table.mjs";

const fixture = path.join(path.dirname(fileURLToPath(import.meta.url)), "fixtures/runtime.js");

test("tandem-jwt/lite in workerd, with one wasm", async () => {
  const fixture = path.join(path.dirname(fileURLToPath(import.meta.url)), "fixtures/lite.js");
  const modules = await bundleWorker(fixture);
  assert.deepEqual(
    modules.filter(({ type }) => type === "CompiledWasm").map((module) => path.basename(module.path)),
    ["core.wasm"],
  );
  const mf = new Miniflare({ cf: false, modules, compatibilityDate: "2026-04-01" });
  try {
    const response = await mf.dispatchFetch("http://localhost/");
    assert.deepEqual(await response.json(), { sub: "ada", refused: "ERR_KEY_UNSUPPORTED", sessions: 6 });
  } finally {
    await mf.dispose();
  }
});

for (const [name, compatibilityFlags] of [
  ["workerd", []],
  ["workerd with Node's modules", ["nodejs_compat"]],
]) {
  test(`every algorithm and the sessions in ${name}`, async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const rsa = {
      privateKey: privateKey.export({ format: "pem", type: "pkcs8" }),
      publicKey: publicKey.export({ format: "pem", type: "spki" }),
    };
    const mf = new Miniflare({
      cf: false,
      modules: await bundleWorker(fixture),
      compatibilityDate: "2026-04-01",
      compatibilityFlags,
    });
    try {
      const response = await mf.dispatchFetch("http://localhost/", { method: "POST", body: JSON.stringify(rsa) });
      const { byHost, ...checked } = await response.json();
      assert.deepEqual(checked, { algorithms: ticked("workerd"), sessions: 6 });
      // Its crypto takes no object around a KeyObject, which the padding of PS256 needs.
      assert.deepEqual(byHost, compatibilityFlags.length > 0 ? ["RS256", "ES256"] : []);
    } finally {
      await mf.dispose();
    }
  });
}
