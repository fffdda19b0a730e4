// The README's table of algorithms and runtimes, so that each runtime's test can hold its column against what ran.

import { readFileSync } from "node:fs";

/** The algorithms that the table ticks for a runtime, in the table's order. */
export function ticked(runtime) {
  const lines = readFileSync(new URL("../../README.md", import.meta.url), "utf8").split("\n");
  const cells = (line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  const start = lines.findIndex((line) => line.startsWith("| algorithm |"));
  const end = lines.findIndex((line, at) => at > start && !line.startsWith("|"));
  const column = cells(lines[start]).indexOf(runtime);
  if (column < 0) throw new Error(`the table has no column ${runtime}`);
  const rows = lines.slice(start + 2, end).map(cells);
  return rows.filter((row) => row[column] === "✓").flatMap(([names]) => names.split(", "));
}
