// A Worker with the packed package, with Node's modules and without.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { Miniflare } from "miniflare";

import { bundleWorker } from "../../www/build.mjs";
import { program, project } from "./matrix/project.mjs";
import { rsaKeys } from "./packed.mjs";
import { ticked } from "./table.mjs";

const packed = project();
after(() => packed.remove());
const worker = join(packed.folder, "worker.mjs");
writeFileSync(worker, program(rsaKeys(), "export default { fetch: async () => Response.json(await run()) }"));

for (const [name, compatibilityFlags] of [
  ["workerd", []],
  ["workerd with Node's modules", ["nodejs_compat"]],
]) {
  test(name, async () => {
    const mf = new Miniflare({
      cf: false,
      modules: await bundleWorker(worker),
      compatibilityDate: "2026-04-01",
      compatibilityFlags,
    });
    try {
      const response = await mf.dispatchFetch("http://localhost/");
      assert.deepEqual(await response.json(), { algorithms: ticked("workerd"), both: 6, sessions: 6 });
    } finally {
      await mf.dispose();
    }
  });
}
