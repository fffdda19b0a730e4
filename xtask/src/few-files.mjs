/**
 * Puts the CommonJS modules that every program loads into three files: what needs no wasm, what secrets need, and the
 * rest. Node takes longer to find and open sixty files than to run them. Each module's own file stays, and hands on what
 * the larger one holds, so there is one instance of each. Run by `cargo xtask build`, in pkg.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { build } from "esbuild";

const cjs = path.resolve("dist/cjs");
const nameOf = (file) => path.relative(cjs, file).replaceAll("\\", "/");

/** The module and all that it requires. */
function reach(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, target] of readFileSync(path.join(cjs, name), "utf8").matchAll(/require\("(\.[^"]+)"\)/g))
    reach(path.posix.join(path.posix.dirname(name), target), found);
  return found;
}

const modules = ["core", "jwt"].flatMap((room) =>
  readdirSync(path.join(cjs, room), { recursive: true })
    .map((name) => `${room}/${name.replaceAll("\\", "/")}`)
    // The wasm as text is for hosts that cannot read its file.
    .filter((name) => /\.c?js$/.test(name) && !name.endsWith("/bytes.js")),
);
const reached = readdirSync(path.join(cjs, "entries"))
  .filter((name) => /\.c?js$/.test(name))
  .map((name) => reach(`entries/${name}`));
/** What the entries reach that do without a module. */
const without = (module) => new Set(reached.filter((names) => !names.has(module)).flatMap((names) => [...names]));
// A bundle of an entry must bring no wasm along that the entry does without, such as that of key pairs in
// `tandem-jwt/lite`.
const needsNoWasm = without("core/core.js");
const needsNoPairs = without("core/keys.js");
const files = {
  "core/plain.cjs": modules.filter((name) => needsNoWasm.has(name)),
  "core/secrets.cjs": modules.filter((name) => needsNoPairs.has(name) && !needsNoWasm.has(name)),
  "core/pairs.cjs": modules.filter((name) => !needsNoPairs.has(name)),
};

/** What hands on a module that a file holds. */
const handedOn = (file, name) => `module.exports = require("${file}")["${name}"]();\n`;

/** Takes the modules of other files from there, without the way over their own. */
const within = (members) => ({
  name: "within",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^\./ }, ({ path: asked, resolveDir }) => {
      const name = nameOf(path.resolve(resolveDir, asked));
      if (members.includes(name)) return undefined;
      return modules.includes(name) ? { path: name, namespace: "elsewhere" } : { path: `../${name}`, external: true };
    });
    onLoad({ filter: /^/, namespace: "elsewhere" }, ({ path: name }) => {
      const [file] = Object.entries(files).find(([, held]) => held.includes(name));
      return { contents: handedOn(`../${file}`, name), resolveDir: path.join(cjs, "core") };
    });
  },
});

for (const [file, members] of Object.entries(files)) {
  const entries = members.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(`../${name}`)})`);
  await build({
    stdin: { contents: `module.exports = { ${entries.join(", ")} };`, resolveDir: path.join(cjs, "core") },
    bundle: true,
    format: "cjs",
    platform: "neutral",
    target: "es2022",
    charset: "utf8",
    plugins: [within(members)],
    outfile: path.join(cjs, file),
  });
}

const require = createRequire(path.join(cjs, "package.json"));
for (const [file, members] of Object.entries(files)) {
  const held = require(`./${file}`);
  for (const name of members) {
    const from = path.posix.relative(path.posix.dirname(name), file);
    const shown = from.startsWith(".") ? from : `./${from}`;
    const names = Object.keys(held[name]()).filter((found) => found !== "__esModule" && found !== "default");
    // Node reads the last line, which never runs, for the names that an ES module may import.
    const forNode = `0 && (module.exports = { ${names.join(", ")} });\n`;
    writeFileSync(path.join(cjs, name), `"use strict";\n${handedOn(shown, name)}${forNode}`);
  }
}
