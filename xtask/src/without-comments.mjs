/**
 * Takes the comments out of the scripts in pkg/dist: nobody needs them at run time, and the declarations keep those that
 * document the API. `@__PURE__` stays, for bundlers. Run by `cargo xtask build`, in pkg.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { transformSync } from "esbuild";

for (const name of readdirSync("dist", { recursive: true })) {
  const file = path.join("dist", name);
  // The wasm as text is a megabyte on one line, and has no comments to lose.
  if (!/\.c?js$/.test(name) || path.basename(name) === "bytes.js") continue;
  const { code } = transformSync(readFileSync(file, "utf8"), {
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
  });
  writeFileSync(file, code);
}
