// The route guard, complete or without one of its readings.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = (name) => fileURLToPath(new URL(`../../../pkg/src/edge/${name}`, import.meta.url));

/** The lines of `readings.ts` that yield one reading each. */
export async function readingLines() {
  const text = await readFile(source("readings.ts"), "utf8");
  return text.split("\n").filter((line) => /^ +yield /.test(line));
}

/** The guard's table, without the given lines. */
export async function guard(...leftOut) {
  const result = await build({
    entryPoints: [source("routes.ts")],
    bundle: true,
    format: "esm",
    platform: "neutral",
    write: false,
    plugins: [
      {
        name: "left out",
        setup({ onLoad }) {
          onLoad({ filter: /readings\.ts$/ }, async ({ path }) => {
            const text = await readFile(path, "utf8");
            const missing = leftOut.find((line) => !text.includes(line));
            if (missing !== undefined) throw new Error(`no line ${missing}`);
            return { contents: leftOut.reduce((rest, line) => rest.replace(line, ""), text), loader: "ts" };
          });
        },
      },
    ],
  });
  const [{ text }] = result.outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}
