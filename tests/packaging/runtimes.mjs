// The runtimes that take the `node` condition, each by its name, its program, and the words that go before a file's name.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { tool } from "./matrix/project.mjs";

const require = createRequire(import.meta.url);
const binary = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);
export const bun = binary("bun", "bin/bun.exe");
export const deno = binary("deno", "deno");

/** Another Node.js of the matrix, where npm has it for this machine. */
function node(major) {
  const name = `node-${major}-${process.platform}-${process.arch}`;
  try {
    return [[`Node ${major}`, tool(name, "bin/node")]];
  } catch (error) {
    if (process.env.CI === "true") throw error;
    console.log(`left out: Node ${major}, of which npm has none for ${process.platform} on ${process.arch}`);
    return [];
  }
}
export const NODES = [...node(22), ...node(24)];

export const HOSTS = [
  ["Node", process.execPath],
  ...NODES,
  ["Bun", bun],
  ["Deno", deno, "run", "--quiet", "--allow-all", "--node-modules-dir=manual"],
];
