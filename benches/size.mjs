// What travels: the wasm, and what a bundle of each entry weighs; and how long it takes to start.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { build } from "esbuild";

/** What bytes weigh by themselves and on their way. */
export const weight = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

const weigh = (bytes) =>
  Object.entries(weight(bytes))
    .map(([how, length]) => `${length} ${how}`)
    .join(", ");

export async function run() {
  const wasm = readFileSync(fileURLToPath(import.meta.resolve("tandem-jwt/tandem.wasm")));
  console.log(`\nsize in bytes\n  tandem.wasm${" ".repeat(27)} ${weigh(wasm)}`);
  for (const entry of ["tandem-jwt", "tandem-jwt/decode", "tandem-jwt/session", "tandem-jwt/edge"]) {
    const { outputFiles } = await build({
      stdin: { contents: `export * from "${entry}";`, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      logLevel: "error",
    });
    console.log(`  ${entry.padEnd(38)}${weigh(outputFiles[0].contents)}`);
  }
  console.log(
    `\ncold start, in a process of its own each time\n  compile and instantiate ${coldStart().toFixed(1)} ms`,
  );
}

/** The engine keeps compiled code for bytes that it saw before, so every sample is the first of its process. */
function coldStart() {
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
  const samples = Array.from({ length: 9 }, () =>
    Number(execFileSync(process.execPath, ["--eval", script, wasm], { encoding: "utf8" })),
  );
  return samples.sort((a, b) => a - b)[4];
}
