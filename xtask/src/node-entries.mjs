/**
 * Writes what Node imports: ES modules over the CommonJS build, so that `import` and `require` meet in one copy with one
 * wasm and one set of error classes. Run by `cargo xtask build`, in pkg.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.resolve("package.json"));
const { exports } = JSON.parse(readFileSync("package.json", "utf8"));

for (const { node } of Object.values(exports)) {
  if (node === undefined) continue;
  const target = node.import.default;
  const source = node.require.default;
  const names = Object.keys(require(path.resolve(source))).filter((name) => name !== "default");
  const from = path.posix.relative(path.posix.dirname(target), source);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(
    target,
    // By name, not by a default taken apart: Vitest, where it inlines packages, has getters of CommonJS as names alone.
    `export { default, ${names.join(", ")} } from "${from}";\n`,
  );
}
