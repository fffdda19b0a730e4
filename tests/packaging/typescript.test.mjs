// Programs in TypeScript, old and new, in every mode of resolution, with and without the types of browsers: compiled with
// every declaration checked, and run.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { promisify } from "node:util";

import { build } from "esbuild";

import { matrix, project, tool } from "./matrix/project.mjs";
import { rsaKeys } from "./packed.mjs";

const packed = project();
after(() => packed.remove());
const sources = join(matrix, "typescript");
const rsa = JSON.stringify(rsaKeys());
const execute = promisify(execFile);

const node10 = { module: "commonjs", moduleResolution: "node" };
const node16 = { module: "node16", moduleResolution: "node16" };
const bundler = { module: "preserve", moduleResolution: "bundler" };
/** The compiler, the types of Node, and what the project says of its modules. */
const CELLS = {
  "4.7, node": ["typescript-4.7", "types-node-18", node10],
  "4.7, node16": ["typescript-4.7", "types-node-18", node16],
  "4.9, node": ["typescript-4.9", "types-node-18", node10],
  "4.9, node16": ["typescript-4.9", "types-node-18", node16],
  "5.9, node10": ["typescript", "@types/node", node10],
  "5.9, node16": ["typescript", "@types/node", node16],
  "5.9, bundler": ["typescript", "@types/node", bundler],
  "5.9, node10, to ES5": ["typescript", "@types/node", { ...node10, target: "es5" }],
  "7, node16": ["typescript-7", "@types/node", node16],
  "7, bundler": ["typescript-7", "@types/node", bundler],
};

/** Copies the sources, under each ending that this mode has; returns the endings. */
function write(folder, { module }, lib, types, options) {
  const endings = module === "node16" ? [".cts", ".mts"] : [".ts"];
  for (const name of ["forms", "index", "subpaths", "uses"]) {
    const text = readFileSync(join(sources, `${name}.ts`), "utf8");
    for (const ending of endings) {
      const script = ending.replace("t", "j");
      writeFileSync(join(folder, name + ending), text.replace(/"(\.\/\w+)\.js"/g, `"$1${script}"`));
    }
  }
  const compilerOptions = {
    target: "es2020",
    lib,
    types: ["node"],
    strict: true,
    skipLibCheck: false,
    esModuleInterop: true,
    declaration: true,
    rootDir: ".",
    outDir: "out",
    ...options,
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["*.ts", "*.cts", "*.mts"] }),
  );
  mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
  symlinkSync(join(matrix, "node_modules", types), join(folder, "node_modules", "@types", "node"));
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }');
  for (const name of ["check.mjs", "run.mjs"])
    cpSync(join(name === "run.mjs" ? sources : packed.folder, name), join(folder, name));
}

/** The program that runs what was compiled: by Node, or by a bundler first where the code is for one. */
async function entry(folder, { module }) {
  const file = join(folder, "entry.mjs");
  const programs = {
    commonjs: ['import index from "./out/index.js";', "index"],
    preserve: ['import * as index from "./out/index.js";', "index"],
    node16: [
      'import required from "./out/index.cjs";\nimport * as imported from "./out/index.mjs";',
      "required, imported",
    ],
  };
  const [imports, names] = programs[module];
  writeFileSync(file, `import { run } from "./run.mjs";\n${imports}\nawait run(${rsa}, ${names});\n`);
  if (module !== "preserve") return file;
  const outfile = join(folder, "bundled.mjs");
  const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  const options = { bundle: true, format: "esm", platform: "node", logLevel: "error", banner: { js: banner } };
  await build({ ...options, entryPoints: [file], outfile, conditions: ["module"] });
  return outfile;
}

describe("TypeScript", { concurrency: 2 }, () => {
  for (const [name, [compiler, types, options]] of Object.entries(CELLS)) {
    for (const lib of [["es2020"], ["es2020", "dom", "dom.iterable"]]) {
      const full = `${name}, ${lib.includes("dom") ? "with" : "without"} dom`;
      test(full, async () => {
        const folder = join(packed.folder, full.replace(/\W+/g, "-"));
        mkdirSync(folder);
        write(folder, options, lib, types, options);
        const { stdout: complaints } = await execute(
          process.execPath,
          [tool(compiler, "bin/tsc"), "--pretty", "false", "-p", folder],
          { encoding: "utf8" },
        ).catch((error) => error);
        assert.equal(complaints.slice(0, 3_000), "");
        const { stdout } = await execute(process.execPath, [await entry(folder, options)], { encoding: "utf8" });
        assert.equal(Number(stdout), options.module === "node16" ? 34 : 17);
      });
    }
  }
});
