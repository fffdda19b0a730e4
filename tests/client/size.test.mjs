// The weight of the client in an application, as a bundler sees it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const budgets = [
  ["browserSession", "tandem-jwt/client", 3_072],
  ["bearerSession", "tandem-jwt/client", 3_072],
  ["browserSession, bearerSession", "tandem-jwt/client", 4_000],
  ["dpopKey", "tandem-jwt/client/dpop", 1_500],
];

for (const [names, entry, budget] of budgets) {
  test(`${names} of ${entry} takes at most ${budget} bytes, minified and by gzip`, async (t) => {
    const result = await build({
      stdin: {
        contents: `import { ${names} } from "${entry}"; globalThis.used = [${names}];`,
        resolveDir: fileURLToPath(new URL("..", import.meta.url)),
      },
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      write: false,
    });
    const [{ contents, text }] = result.outputFiles;
    const bytes = gzipSync(contents, { level: 9 }).length;
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes <= budget, `${bytes} bytes`);
    assert.ok(!text.includes("WebAssembly"), "the client brings no wasm along");
  });
}
