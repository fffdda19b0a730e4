// Bundles, run where neither Node's Buffer nor process is: what a browser's script sees.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
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

/** The bundle of all of an entry, and the names of the files in it. */
async function bundleAll(subpath, options) {
  const { metafile, outputFiles } = await build({
    stdin: { contents: `export * from "tandem-jwt${subpath}";`, resolveDir: packed.folder },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    outfile: "bundle.js",
    ...options,
  });
  const [{ imports }] = Object.values(metafile.outputs);
  const inPackage = (path) => path.slice(path.indexOf("tandem-jwt/dist/") + "tandem-jwt/dist/".length);
  return {
    text: outputFiles[0].text,
    inputs: Object.keys(metafile.inputs).map(inPackage),
    wasm: imports.flatMap(({ path }) => (path.endsWith(".wasm") ? [path.split("/").at(-1)] : [])).sort(),
  };
}

const IN_WORKERS = { conditions: ["workerd", "worker", "browser"], external: ["*.wasm", "cloudflare:workers"] };
const BOTH = ["core.wasm", "keys.wasm"];

for (const [subpath, wasm] of [
  ["", BOTH],
  ["/session", BOTH],
  ["/edge", BOTH],
  ["/lite", ["core.wasm"]],
  ["/cloudflare", ["core.wasm"]],
  ["/stores/conformance", ["core.wasm"]],
]) {
  test(`a bundle of tandem-jwt${subpath} for Workers imports ${wasm.join(" and ")}, and holds no copy as text`, async () => {
    const bundle = await bundleAll(subpath, IN_WORKERS);
    assert.deepEqual(bundle.wasm, wasm);
    assert.deepEqual(
      bundle.inputs.filter((path) => /bytes\.js$|durable-object-base\.js$/.test(path)),
      [],
    );
  });
}

/** A stretch in the middle of the text that a wasm is inlined as. */
function stretch(name) {
  const text = readFileSync(join(packed.folder, `node_modules/tandem-jwt/dist/${name}.wasm`)).toString("base64");
  return text.slice(text.length / 2, text.length / 2 + 1_000);
}

test("tandem-jwt/lite brings the smaller wasm along and nothing of the other, tandem-jwt both", async () => {
  const isOfKeys = (path) => /(?:^|\/)(?:keys\b|read-pairs|arithmetic|host|webcrypto)[\w.-]*\.js$/.test(path);
  for (const [subpath, hasKeys] of [
    ["", true],
    ["/lite", false],
  ]) {
    const { inputs, text } = await bundleAll(subpath);
    assert.ok(text.includes(stretch("core")), `core in tandem-jwt${subpath}`);
    assert.equal(text.includes(stretch("keys")), hasKeys, `keys in tandem-jwt${subpath}`);
    const core = inputs.filter((path) => path.startsWith("core/") || path.startsWith("jwt/"));
    assert.equal(core.filter((path) => path !== "jwt/keys.js" && isOfKeys(path)).length > 0, hasKeys, core.join(" "));
  }
});

test("nor does it in Node, where nothing is bundled", () => {
  const cjs = join(packed.folder, "node_modules/tandem-jwt/dist/cjs");
  const graph = (file, seen = new Set()) => {
    if (seen.has(file)) return seen;
    seen.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(/require\("(\.[^"]+)"\)/g)) {
      graph(join(dirname(file), path), seen);
    }
    return seen;
  };
  const ofKeys = (entry) =>
    [...graph(join(cjs, entry))].filter((file) => /core\/(?:generated\/)?(?:keys|pairs)/.test(file));
  assert.deepEqual(ofKeys("entries/lite.js"), []);
  assert.deepEqual(ofKeys("entries/cloudflare.js"), []);
  // The file of key pairs, and the wasm as text.
  assert.equal(ofKeys("entries/require.cjs").length, 2);
});

test("a bundle does not read a stranger's core.wasm from the folder where the package has its own", async () => {
  const folder = join(packed.folder, "planted");
  mkdirSync(join(folder, "a/b"), { recursive: true });
  const wasm = readFileSync(join(packed.folder, "node_modules/tandem-jwt/dist/core.wasm"));
  for (const name of ["core.wasm", "keys.wasm"])
    writeFileSync(join(folder, name), name === "core.wasm" ? "text" : wasm);
  const outfile = join(folder, "a/b/app.cjs");
  const contents = `const jwt = require("./node_modules/tandem-jwt/dist/cjs/entries/require.cjs");
    const { privateKey, publicKey } = jwt.generateKey("ES256");
    console.log(jwt.verify(jwt.sign({ a: 1 }, "secret"), "secret").a);
    console.log(jwt.verify(jwt.sign({ a: 2 }, privateKey, { algorithm: "ES256" }), publicKey).a);`;
  await build({
    stdin: { contents, resolveDir: packed.folder },
    outfile,
    bundle: true,
    platform: "node",
    logLevel: "error",
  });
  assert.equal(execFileSync(process.execPath, [outfile], { encoding: "utf8" }), "1\n2\n");
});

test("decode by require brings no wasm along either", async () => {
  const { metafile } = await build({
    stdin: {
      contents: 'globalThis.decode = require("./node_modules/tandem-jwt/dist/cjs/entries/decode.cjs");',
      resolveDir: packed.folder,
    },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
  });
  const inputs = Object.keys(metafile.inputs).map((path) => path.split("/").at(-1));
  assert.ok(inputs.includes("plain.cjs"));
  assert.deepEqual(
    inputs.filter((name) => ["bytes.js", "secrets.cjs", "pairs.cjs"].includes(name)),
    [],
  );
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
