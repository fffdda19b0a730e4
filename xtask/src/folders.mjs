/**
 * Writes a folder with a package.json for each subpath, for tools that read no exports map, such as TypeScript's older
 * resolution and Jest 26. Run by `cargo xtask build`, in pkg.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));

for (const [subpath, conditions] of Object.entries(exports)) {
  if (typeof conditions === "string" || subpath === "." || subpath.endsWith(".js")) continue;
  const { types, default: main } = conditions.require ?? conditions;
  const inside = (file) => path.posix.relative(path.posix.normalize(subpath), path.posix.normalize(file));
  mkdirSync(subpath, { recursive: true });
  writeFileSync(
    path.join(subpath, "package.json"),
    `${JSON.stringify({ main: inside(main), types: inside(types) }, undefined, 2)}\n`,
  );
}
