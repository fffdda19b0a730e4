// CONTRIBUTING.md names files and what stands in them: all of it is there.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";

import { drawn, picture } from "./house.mjs";

const top = new URL("../../", import.meta.url);
const page = readFileSync(new URL("CONTRIBUTING.md", top), "utf8");

/** A link to a file, and the text after it until the next link or the end of the paragraph or item. */
const LINK = /\[([\w./-]+)\]\(([\w./-]+)\)((?:(?!\n\n|\n\d|\n-)[^[])*)/g;

/** Each link to a file, and the names in backticks in the text after it. */
function named(text) {
  return [...text.matchAll(LINK)].map(([, shown, path, rest]) => ({
    shown,
    path,
    symbols: [...rest.matchAll(/`([^`]+)`/g)].map(([, symbol]) => symbol),
  }));
}

test("the picture of the house is drawn from the code", () => {
  assert.equal(drawn(), picture(), "run node tests/docs/house.mjs");
});

test("every file that is named is there, and holds what is named beside it", () => {
  // Elsewhere the page says other things in backticks.
  const lists = page.slice(page.indexOf("## Three paths through the code"), page.indexOf("## How we write"));
  const all = [...named(lists), ...named(page).map((found) => ({ ...found, symbols: [] }))];
  assert.ok(all.length > 50 && all.flatMap(({ symbols }) => symbols).length > 50, "files and names were found");
  for (const { shown, path, symbols } of all) {
    const file = new URL(path, top);
    assert.ok(existsSync(file), path);
    assert.ok(path.endsWith(shown), `${shown} leads to ${path}`);
    if (statSync(file).isDirectory()) continue;
    const text = readFileSync(file, "utf8");
    for (const symbol of symbols) assert.ok(text.includes(symbol), `${path} has no ${symbol}`);
  }
});

test("a name that is missing would be found", () => {
  const [{ path, symbols }] = named("[a.ts](pkg/a.ts) `one`, and `two`; [b.ts](b.ts) `three`");
  assert.deepEqual([path, symbols], ["pkg/a.ts", ["one", "two"]]);
});

test("every folder of the house is in its list", () => {
  const [list] = /```\nsrc\/ [\s\S]*?```/.exec(page);
  for (const node of picture().matchAll(/(?:pkg|src)_\w+\["([\w-]+)"\]/g))
    assert.match(list, new RegExp(`^ +(?:src/)?${node[1]}(?:/|\\.rs) `, "m"));
});
