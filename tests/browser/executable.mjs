// Where a browser is on this machine.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The browser that the variable names, or the first of these names on the path. */
export function executable(variable, names) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env[variable], ...onPath].find((file) => file !== undefined && existsSync(file));
}

/** Why tests are left out. Where nothing may be skipped, a missing browser is a failure, which its launch reports. */
export function skipWithout(path, advice) {
  return path === undefined && process.env.CI !== "true" ? advice : false;
}
