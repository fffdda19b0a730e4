// `cargo xtask bench [--quick] [NAME…]`: everything, or the benches named.

import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const NAMES = [
  "calls",
  "rsa",
  "runtimes",
  "express",
  "jwks",
  "start",
  "memory",
  "tokens",
  "key-sets",
  "guard",
  "seen-tokens",
  "sessions",
  "stores",
  "size",
];

/** Benches that take minutes for a few rows, and run only when requested by name. */
const ON_DEMAND = ["edge", "vartime"];

const FLAGS = ["--quick", "--check"];

const words = process.argv.slice(2);
const isQuick = words.includes("--quick");
const asked = words.filter((word) => !FLAGS.includes(word));
const KNOWN = [...NAMES, ...ON_DEMAND];
const unknown = asked.filter((name) => !KNOWN.includes(name));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(", ")}; there are ${KNOWN.join(", ")}, and the flag --quick`);
  process.exit(2);
}
// Before anything is built, only the arguments can be checked.
if (words.includes("--check")) process.exit(0);

// These need the package.
const { write } = await import("./report/document.mjs");
const { settingsOf } = await import("./settings.mjs");

// The figures of a quick run mean nothing, so they are written where nobody mistakes them for measurements.
const file = fileURLToPath(new URL(isQuick ? "../target/bench/quick.md" : "../docs/benchmarks.md", import.meta.url));
const failed = [];
for (const name of asked.length === 0 ? NAMES : KNOWN.filter((one) => asked.includes(one))) {
  const began = performance.now();
  console.error(`${name} …`);
  try {
    const { run } = await import(`./${name}.mjs`);
    const section = await run(settingsOf(isQuick));
    write(file, KNOWN, name, section);
    console.log(`\n## ${section.title}\n\n${section.text}`);
  } catch (error) {
    // The others are worth their while.
    failed.push(name);
    console.error(error);
  }
  console.error(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}
console.log(`written to ${file}`);
if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
// Ends the process even if a bench has left a handle open.
process.exit(failed.length > 0 ? 1 : 0);
