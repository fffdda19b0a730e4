// What stays in memory after so many operations.

import { child } from "./child.mjs";
import { lines } from "./report/charts.mjs";
import { table } from "./report/figures.mjs";

const CASES = [
  ["sign and verify, HS256, one secret", "one secret", ["tandem-jwt", "jsonwebtoken", "fast-jwt"]],
  ["verify, HS256, a new secret each time", "new secrets", ["tandem-jwt", "jsonwebtoken"]],
  ["verify, RS256, one PEM text", "one PEM", ["tandem-jwt", "jsonwebtoken", "fast-jwt"]],
  ["verify, ES256, a new PEM text each time", "new PEMs", ["tandem-jwt", "jsonwebtoken"]],
];

export async function run(settings) {
  const head = [
    "",
    "package",
    "operations",
    ...settings.operations.map((count) => `after ${count.toLocaleString("en")}`),
  ];
  const rows = [];
  const series = [];
  for (const [title, kind, packages] of CASES) {
    for (const name of packages) {
      // From PEM text jsonwebtoken takes a third of a millisecond each time, and public keys are slow to make.
      const isSlow = kind === "new PEMs" || (name === "jsonwebtoken" && kind !== "one secret");
      const counts = settings.operations.map((count) => (isSlow ? Math.ceil(count / 10) : count));
      const grown = child("memory-program.mjs", { kind, name, counts });
      rows.push([
        title,
        name,
        counts.at(-1).toLocaleString("en"),
        ...grown.map(({ rss, inUse }) => `${mib(inUse)} of ${mib(rss)}`),
      ]);
      if (kind === "new secrets" || kind === "new PEMs")
        series.push({ name: `${name}, ${kind}`, points: grown.map(({ rss }, at) => [counts[at], rss / 2 ** 20]) });
    }
    console.error(`  ${title} measured`);
  }
  return {
    title: "Memory",
    text: `MiB in use (on the heap and outside it) of the MiB that the process holds, each in its own process after a garbage collection.
Slow cases run a tenth of the operations: the third column says how many the last figure is for. tandem-jwt caches keys by their
content, and limits their number.

${table(head, rows)}
`,
    charts: {
      memory: lines("Memory by operations with keys that are seen once", {
        x: "operations",
        y: "MiB held by the process",
        series,
      }),
    },
  };
}

const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);
