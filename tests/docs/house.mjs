// The picture of the house in CONTRIBUTING.md, made from what the sources import. `node tests/docs/house.mjs` draws it
// anew, and a test holds the page to it.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { rustGraph, typeScriptGraph } from "../js/import-graph.mjs";

const PAGE = new URL("../../CONTRIBUTING.md", import.meta.url);
const PICTURE = /(?<=<!-- drawn by `node tests\/docs\/house\.mjs` -->\n)```mermaid\n[\s\S]*?```\n/;

/** What every module of the core stands on: arrows to these would cover the picture. */
const GROUND = ["error", "listed"];

/** The rooms that can be reached from one. */
function reachable(rooms, from) {
  const found = new Set();
  const visit = (room) => {
    for (const next of rooms.get(room)) if (!found.has(next) && found.add(next)) visit(next);
  };
  visit(from);
  return found;
}

/** The arrows that no longer way stands for. */
function arrows(rooms) {
  return [...rooms].flatMap(([room, targets]) =>
    [...targets]
      .filter((target) => ![...targets].some((other) => other !== target && reachable(rooms, other).has(target)))
      .map((target) => [room, target]),
  );
}

function section(name, title, rooms) {
  const id = (room) => `${name}_${room.replaceAll("-", "_")}`;
  const nodes = [...rooms.keys()].sort().map((room) => `    ${id(room)}["${room}"]`);
  const lines = arrows(rooms)
    .map(([from, to]) => `    ${id(from)} --> ${id(to)}`)
    .sort();
  return [`  subgraph ${name} ["${title}"]`, ...nodes, ...lines, "  end"];
}

/** The picture as it should be. */
export function picture() {
  const rust = rustGraph();
  for (const module of GROUND) {
    rust.delete(module);
    for (const targets of rust.values()) targets.delete(module);
  }
  return [
    "```mermaid",
    "flowchart TD",
    ...section("pkg", "pkg/src: the npm package", typeScriptGraph()),
    ...section("src", "src: the Rust core", rust),
    "  pkg_core == calls ==> src_wasm",
    "```",
    "",
  ].join("\n");
}

/** The picture as it is. */
export const drawn = () => PICTURE.exec(readFileSync(PAGE, "utf8"))?.[0];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, readFileSync(PAGE, "utf8").replace(PICTURE, picture));
}
