// Bundles, run where neither Node's Buffer nor process is: what a browser's script sees.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import resolve from "@rollup/plugin-node-resolve";
import { build } from "esbuild";
import { rollup } from "rollup";

import { ALGORITHMS } from "./check.mjs";
import { rsaKeys, unpack } from "./packed.mjs";

const packed = unpack();
after(() => packed.remove());

const entry = join(packed.folder, "entry.mjs");
const rsa = JSON.stringify(rsaKeys());
writeFileSync(
  entry,
  `import * as jwt from "tandem-jwt";\nimport { check } from "./check.mjs";\nglobalThis.algorithms = check(jwt, ${rsa});\n`,
);

function runAsInABrowser(file) {
  const context = createContext({
    atob,
    btoa,
    crypto: globalThis.crypto,
    TextDecoder,
    TextEncoder,
    WebAssembly,
    Uint8Array,
    ArrayBuffer,
  });
  runInContext(readFileSync(file, "utf8"), context);
  assert.deepEqual([...context.algorithms], ALGORITHMS);
}

test("esbuild", async () => {
  const outfile = join(packed.folder, "esbuild.js");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: "browser",
    format: "iife",
    logLevel: "error",
  });
  runAsInABrowser(outfile);
});

test("rollup", async () => {
  const file = join(packed.folder, "rollup.js");
  const bundle = await rollup({
    input: entry,
    plugins: [resolve({ browser: true })],
    onwarn: (warning) => assert.fail(warning.message),
  });
  await bundle.write({ file, format: "iife" });
  await bundle.close();
  runAsInABrowser(file);
});

test("decode from the main entry leaves everything else out", async () => {
  const contents = 'import { decode } from "tandem-jwt"; globalThis.decode = decode;';
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: packed.folder },
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
  });
  const file = join(packed.folder, "decode-from-main.js");
  writeFileSync(file, outputFiles[0].contents);
  const { length } = gzipSync(outputFiles[0].contents);
  assert.ok(length < 1_000, `${length} bytes`);

  const rolled = await rollup({
    input: "decode",
    plugins: [
      {
        resolveId: (id) => (id === "decode" ? join(packed.folder, "virtual-decode.mjs") : null),
        load: (id) => (id.endsWith("virtual-decode.mjs") ? contents : null),
      },
      resolve({ browser: true }),
    ],
  });
  const { output } = await rolled.generate({ format: "iife" });
  await rolled.close();
  assert.ok(output[0].code.length < 10_000, `${output[0].code.length} characters`);

  const context = createContext({ atob, TextDecoder, TextEncoder, Uint8Array, ArrayBuffer });
  runInContext(readFileSync(file, "utf8"), context);
  assert.equal(context.decode("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEifQ.x").sub, "ada");
});

test("a bundle for Workers imports the wasm, and holds no copy of it as text", async () => {
  for (const subpath of ["", "/session", "/edge", "/cloudflare", "/stores/conformance"]) {
    const { metafile } = await build({
      stdin: { contents: `export * from "tandem-jwt${subpath}";`, resolveDir: packed.folder },
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      conditions: ["workerd", "worker", "browser"],
      external: ["*.wasm", "cloudflare:workers"],
      outfile: "worker.js",
    });
    const names = Object.keys(metafile.inputs).map((path) => path.split("/").at(-1));
    assert.ok(!names.includes("bytes.js"), subpath);
    assert.ok(!names.includes("durable-object-base.js"), subpath);
  }
});

test("decode alone brings no wasm along", async () => {
  const outfile = join(packed.folder, "decode.js");
  const contents = 'import { decode } from "tandem-jwt/decode"; globalThis.decode = decode;';
  const { metafile } = await build({
    stdin: { contents, resolveDir: packed.folder },
    outfile,
    bundle: true,
    minify: true,
    metafile: true,
    format: "iife",
  });
  const inputs = Object.keys(metafile.inputs)
    .map((path) => path.split("/").at(-1))
    .sort();
  assert.deepEqual(inputs, ["<stdin>", "base64.js", "decode.js", "decode.js", "kinds.js", "text.js", "with-code.js"]);
});
