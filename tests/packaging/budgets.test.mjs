// What travels, in bytes. A budget is passed by what was added without need; whoever needs more raises it here and says why.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

import { unpack } from "./packed.mjs";

const packed = unpack();
after(() => packed.remove());
const installed = (path) => join(packed.folder, "node_modules", "tandem-jwt", path);

/** Holds what is measured against its budget, by name. */
function within(t, measured, budget) {
  t.diagnostic(JSON.stringify(measured));
  assert.deepEqual(Object.keys(measured), Object.keys(budget));
  for (const [name, bytes] of Object.entries(measured)) {
    assert.ok(bytes > 0 && bytes <= budget[name], `${name}: ${bytes} bytes, and ${budget[name]} are its budget`);
  }
}

for (const [file, budget] of [
  ["core.wasm", { raw: 138_000, gzip: 56_600, brotli: 47_200 }],
  ["keys.wasm", { raw: 786_000, gzip: 317_000, brotli: 246_000 }],
]) {
  test(`the bytes of ${file}`, (t) => {
    const bytes = readFileSync(installed(`dist/${file}`));
    const measured = {
      raw: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
      brotli: brotliCompressSync(bytes).length,
    };
    within(t, measured, budget);
  });
}

test("the bytes of the package", (t) => {
  // Of it 2.4 MB are the wasm as text, once for each module system, and 0.9 MB the wasm itself.
  const unpacked = packed.files.reduce((sum, path) => sum + statSync(installed(path)).size, 0);
  within(t, { tarball: statSync(packed.tarball).size, unpacked }, { tarball: 1_850_000, unpacked: 5_350_000 });
});

/** The bundle of `sign` and `verify` of an entry, for a browser. */
async function bundle(entry) {
  const { metafile, outputFiles } = await build({
    stdin: {
      contents: `import { sign, verify } from "${entry}"; globalThis.used = [sign, verify];`,
      resolveDir: packed.folder,
    },
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    format: "esm",
    logLevel: "error",
  });
  return { bytes: outputFiles[0].contents.length, inputs: Object.keys(metafile.inputs) };
}

for (const [entry, budget] of [
  ["tandem-jwt", 1_290_000],
  ["tandem-jwt/lite", 226_000],
]) {
  test(`the bytes of sign and verify of ${entry}, bundled`, async (t) => {
    const { bytes } = await bundle(entry);
    within(t, { bundle: bytes }, { bundle: budget });
  });
}
