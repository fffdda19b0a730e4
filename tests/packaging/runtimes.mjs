// The runtimes that take the `node` condition, each by its name, its program, and the words that go before a file's name.

import { bun, DENO_RUN, deno } from "../other-runtimes.mjs";
import { tool } from "./matrix/project.mjs";

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

export const HOSTS = [["Node", process.execPath], ...NODES, ["Bun", bun], ["Deno", deno, ...DENO_RUN]];
