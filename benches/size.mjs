// Download sizes: the wasm, and a bundle of each entry; and how long the wasm takes to start.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { build } from "esbuild";

import { table } from "./report/figures.mjs";
import { median } from "./rounds.mjs";

const ENTRIES = [
  "tandem-jwt",
  "tandem-jwt/lite",
  "tandem-jwt/decode",
  "tandem-jwt/session",
  "tandem-jwt/edge",
  "tandem-jwt/jwks",
];

const MODULES = ["core.wasm", "keys.wasm"];
const wasmFile = (name) => fileURLToPath(import.meta.resolve(`tandem-jwt/${name}`));

/** What bytes weigh by themselves and on their way. */
export const weight = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

export async function run(settings) {
  // Brotli takes seconds for them.
  const rows = settings.quick ? [] : MODULES.map((name) => [name, readFileSync(wasmFile(name))]);
  for (const entry of settings.quick ? ["tandem-jwt/decode"] : ENTRIES) {
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
  const starts = MODULES.map((name) => `${name} ${coldStart(name, settings.starts).toFixed(1)} ms`).join(", ");
  return {
    title: "Size",
    text: `Bytes, bundled and minified by esbuild. The time to compile and instantiate, each in its own process: ${starts}.

${table(["", "raw", "gzip", "brotli"], lines)}\n`,
  };
}

/** The engine caches compiled code for bytes that it has seen, so every sample is the first in its process. */
function coldStart(name, count) {
  const script = `
    const wasm = require("node:fs").readFileSync(process.argv[1]);
    const start = performance.now();
    const module = new WebAssembly.Module(wasm);
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => {};
    new WebAssembly.Instance(module, imports);
    console.log(performance.now() - start);
  `;
  const wasm = wasmFile(name);
  const samples = Array.from({ length: count }, () =>
    Number(execFileSync(process.execPath, ["--eval", script, wasm], { encoding: "utf8" })),
  );
  return median(samples);
}
