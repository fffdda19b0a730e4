/**
 * Writes what Node imports: ES modules over the CommonJS build, so that `import` and `require` meet in one copy with
 * one wasm and one set of error classes. Run by `cargo xtask build`, in pkg.
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
  const api = require(path.resolve(source));
  const names = Object.keys(api)
    .filter((name) => name !== "default")
    .join(", ");
  const from = path.posix.relative(path.posix.dirname(target), source);
  mkdirSync(path.dirname(target), { recursive: true });
  // Named imports, because Vitest, where it inlines packages, gives the getters of a CommonJS module only as named
  // exports. Of a module that is a function, Node finds no named exports.
  const text =
    typeof api === "function"
      ? `import api from "${from}";\n\nexport const { ${names} } = api;\nexport default api;\n`
      : `export { default, ${names} } from "${from}";\n`;
  writeFileSync(target, text);
}
