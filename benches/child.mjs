// A measurement in a separate process, so that no other measurement uses its memory.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Runs a module of this folder with an argument; returns what it printed last, as JSON. */
export function child(module, asked, ...flags) {
  const file = fileURLToPath(new URL(module, import.meta.url));
  const words = ["--expose-gc", ...flags, file, JSON.stringify(asked)];
  const printed = execFileSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(printed.trim().split("\n").at(-1));
}
