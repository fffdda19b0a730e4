// The page that the benches write: one section per bench, so that each can be measured again on its own.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const INTRODUCTION = `# Benchmarks

\`cargo xtask bench\` measures all of this and writes this page. \`cargo xtask bench NAME…\` measures the named sections again.
\`--quick\` tries everything within a minute and leaves this page alone. Contenders that are compared took turns in short rounds
of one run. A time is the median of the rounds, with half of the interquartile range; a ratio is the median of the rounds' ratios.
**Ratios say how many times as long the other takes: above 1, tandem-jwt is faster, and bold shows where the other is**, by more
than a thirtieth and in three rounds of four. Other machines have other times; ratios carry over better. A load above the number
of cores makes everything less certain; the line under each title gives the load.
`;

/** Writes `text` as the section of a name, and its pictures beside the document. Sections stand in the order of `names`. */
export function write(file, names, name, { title, text, charts = {} }) {
  const folder = join(dirname(file), "benchmarks");
  const pictures = Object.entries(charts).map(([picture, svg]) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${picture}.svg`), svg);
    const [, alt] = /<title>(.*)<\/title>/.exec(svg);
    return `![${alt}](benchmarks/${picture}.svg)\n`;
  });
  mkdirSync(dirname(file), { recursive: true });
  const old = existsSync(file) ? readFileSync(file, "utf8") : "";
  const sections = new Map(names.map((one) => [one, between(old, one)]));
  sections.set(name, `## ${title}\n\n${stamp()}\n\n${[...pictures, text].join("\n")}\n`);
  const written = [...sections].filter(([, section]) => section !== undefined);
  const body = written.map(([one, section]) => `${opening(one)}\n${section}${closing(one)}\n`).join("\n");
  writeFileSync(file, `${INTRODUCTION}\n${body}`);
}

const opening = (name) => `<!-- cargo xtask bench ${name} -->`;
const closing = (name) => `<!-- end of ${name} -->`;

function between(text, name) {
  const [from, to] = [text.indexOf(opening(name)), text.indexOf(closing(name))];
  return from < 0 || to < from ? undefined : text.slice(from + opening(name).length + 1, to);
}

/** Where and when a section was measured, and how busy the machine was. */
function stamp() {
  const date = new Date().toISOString().slice(0, 10);
  const [{ model }] = cpus();
  const load = loadavg()[1].toFixed(1);
  return `Measured on ${date}: Node ${process.versions.node}, ${process.platform} ${process.arch}, ${model.trim()}, ${cpus().length} cores, load ${load}.`;
}

/** Names of packages with the version that is installed. */
export function versions(...names) {
  return names.map((name) => `${name} ${version(name)}`).join(", ");
}

function version(name) {
  // Not every package exports its package.json.
  const tops = ["../../node_modules/", "../node_modules/"];
  const files = tops.map((top) => fileURLToPath(new URL(`${top}${name}/package.json`, import.meta.url)));
  const found = files.find(existsSync);
  return found === undefined ? "(not installed)" : JSON.parse(readFileSync(found, "utf8")).version;
}

/** A collapsed part of the page. */
export const folded = (summary, text) => `<details>\n<summary>${summary}</summary>\n\n${text}\n\n</details>\n`;
