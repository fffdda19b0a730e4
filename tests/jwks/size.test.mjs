/** The weight of `remoteKeys` in a bundle, and what is not in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

async function bundled(names) {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names} } from "tandem-jwt/jwks";`, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  return outputFiles[0].text;
}

test("remoteKeys weighs at most 3.5 KB, without wasm, presets and the shapes of other libraries", async () => {
  const text = await bundled("remoteKeys");
  const size = gzipSync(text, { level: 9 }).length;
  assert.ok(size <= 3584, `${size} bytes`);
  for (const absent of ["WebAssembly", "microsoftonline", "BEGIN PUBLIC KEY", "JsonWebTokenError"])
    assert.ok(!text.includes(absent), absent);
});
