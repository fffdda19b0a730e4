// Formats figures, in bold where a peer is faster.

import { median, quantile, ratio, ratios, spread } from "../rounds.mjs";

/**
 * Whether a peer is faster: by more than a thirtieth, and in three rounds of four. The rest is the noise of a machine.
 */
export function isFaster(peer, ours) {
  return ratio(peer, ours) < 0.97 && quantile(ratios(peer, ours), 0.75) < 1;
}

/** A number with two significant digits, or all those before the point. */
export function figure(value) {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 10 ? 0 : value >= 1 ? 1 : 2);
}

/** Samples as their median, and half of the distance between the quartiles. */
export const timed = (samples) => `${figure(median(samples))} ±${Math.round(spread(samples) * 100)} %`;

/** How many times as long a peer takes; in bold where it is faster than we are. */
export function compared(peer, ours) {
  if (peer === undefined || ours === undefined) return "–";
  const times = ratio(peer, ours);
  const text = times >= 100 ? figure(times) : times.toFixed(2);
  return isFaster(peer, ours) ? `**${text}**` : text;
}

/** A table of Markdown, and good to read in a terminal too. */
export function table(head, rows) {
  const cells = [head, ...rows].map((row) => Array.from(row, (cell) => String(cell ?? "–")));
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at].length)));
  const line = (row) => `| ${row.map((cell, at) => cell.padEnd(widths[at])).join(" | ")} |`;
  const [first, ...others] = cells;
  return [line(first), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...others.map(line)].join("\n");
}
