// Bun and Deno from npm, each with the words that go before the name of a program.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const binary = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);

export const bun = binary("bun", "bin/bun.exe");
export const deno = binary("deno", "deno");
/** May do everything, and takes the packages that npm has installed. */
export const DENO_RUN = ["run", "--quiet", "--allow-all", "--node-modules-dir=manual"];
