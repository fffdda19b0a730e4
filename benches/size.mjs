// What travels: the wasm, and what a bundle of each entry weighs; and how long the wasm takes to start.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { build } from "esbuild";

import { table } from "./report/figures.mjs";
import { median } from "./rounds.mjs";

const ENTRIES = ["tandem-jwt", "tandem-jwt/decode", "tandem-jwt/session", "tandem-jwt/edge", "tandem-jwt/jwks"];

/** What bytes weigh by themselves and on their way. */
export const weight = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

export async function run(settings) {
  const wasm = readFileSync(fileURLToPath(import.meta.resolve("tandem-jwt/tandem.wasm")));
  // Brotli takes seconds for it.
  const rows = settings.quick ? [] : [["tandem.wasm", wasm]];
  for (const entry of settings.quick ? ENTRIES.slice(1, 2) : ENTRIES) {
    const { outputFiles } = await build({
      stdin: { contents: `export * from "${entry}";`, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      logLevel: "error",
    });
    rows.push([`all of ${entry}`, outputFiles[0].contents]);
  }
  const lines = rows.map(([name, bytes]) => [
    name,
    ...Object.values(weight(bytes)).map((all) => all.toLocaleString("en")),
  ]);
  return {
    title: "Size",
    text: `Bytes, bundled and minified by esbuild. To compile and instantiate the wasm takes ${coldStart(settings.starts).toFixed(1)} ms
in a process of its own.\n\n${table(["", "raw", "gzip", "brotli"], lines)}\n`,
  };
}

/** The engine keeps compiled code for bytes that it saw before, so every sample is the first of its process. */
function coldStart(count) {
  const script = `
    const wasm = require("node:fs").readFileSync(process.argv[1]);
    const start = performance.now();
    const module = new WebAssembly.Module(wasm);
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => {};
    new WebAssembly.Instance(module, imports);
    console.log(performance.now() - start);
  `;
  const wasm = fileURLToPath(import.meta.resolve("tandem-jwt/tandem.wasm"));
  const samples = Array.from({ length: count }, () =>
    Number(execFileSync(process.execPath, ["--eval", script, wasm], { encoding: "utf8" })),
  );
  return median(samples);
}
