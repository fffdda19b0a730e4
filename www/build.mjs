/**
 * Bundles the demo. Run directly, it writes the page into a folder, as `wrangler deploy` expects; `serve.mjs` and the
 * tests also get the Workers from here.
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildDocs } from "./docs.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * The page: HTML, scripts, styles, fonts, the wasm and the documents. `edit` may change its HTML, as for a static copy.
 */
export async function buildPage(outdir, edit = (html) => html) {
  await mkdir(outdir, { recursive: true });
  await build({
    absWorkingDir: here,
    entryPoints: ["app.ts", "style.css", "docs.css"],
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: ["browser"],
    loader: { ".woff2": "file" },
    assetNames: "[name]",
    chunkNames: "[name]-[hash]",
    logLevel: "warning",
    plugins: [wasmApart],
  });
  for (const name of ["_headers", "icon.svg", "recording.json"])
    await copyFile(path.join(here, name), path.join(outdir, name));
  for (const name of ["core.wasm", "keys.wasm"])
    await copyFile(fileURLToPath(import.meta.resolve(`tandem-jwt/${name}`)), path.join(outdir, name));
  await writeFile(path.join(outdir, "index.html"), edit(await readFile(path.join(here, "index.html"), "utf8")));
  await buildDocs(path.join(outdir, "docs"));
}

/** The page fetches the wasm itself and passes it to `init`, so it must not be embedded in a script as well. */
const wasmApart = {
  name: "wasm-apart",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^#(?:wasm|keys)$/ }, () => ({ path: "wasm", namespace: "apart" }));
    onLoad({ filter: /.*/, namespace: "apart" }, () => ({
      contents: 'export function loadModule() { throw new Error("the page gives its wasm to init() first"); }',
    }));
  },
};

/**
 * A Worker as the modules that miniflare takes: the script, and every wasm file that it imports, which is compiled
 * before the first request (Workers cannot compile bytes themselves).
 */
export async function bundleWorker(entry, plugins = []) {
  const wasm = new Map();
  const result = await build({
    absWorkingDir: path.dirname(entry),
    entryPoints: [entry],
    outfile: "worker.js",
    write: false,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker"],
    external: ["cloudflare:*"],
    logLevel: "warning",
    plugins: [
      ...plugins,
      {
        name: "compiled-wasm",
        setup({ onResolve }) {
          onResolve({ filter: /\.wasm$/ }, ({ path: wanted, resolveDir }) => {
            const name = `./${path.basename(wanted)}`;
            wasm.set(name, path.resolve(resolveDir, wanted));
            return { path: name, external: true };
          });
        },
      },
    ],
  });
  const [script] = result.outputFiles;
  const modules = [{ type: "ESModule", path: "worker.js", contents: script.text }];
  for (const [name, file] of wasm) {
    modules.push({ type: "CompiledWasm", path: path.basename(name), contents: await readFile(file) });
  }
  return modules;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outdir = process.argv[2];
  if (outdir === undefined) {
    console.error("usage: node build.mjs FOLDER");
    process.exit(2);
  }
  await buildPage(path.resolve(outdir));
}
