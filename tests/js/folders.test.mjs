// The folders of the sources form layers: no two of them import each other, by whichever way round.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const top = fileURLToPath(new URL("../../", import.meta.url));

/** The files below a folder, as paths from it; generated ones left out. */
function files(root, ending) {
  return readdirSync(join(top, root), { recursive: true })
    .filter((path) => path.endsWith(ending) && !path.includes("generated"))
    .map((path) => path.replaceAll("\\", "/"));
}

/** Which folders each folder imports, type imports included. */
function graph(paths, importsOf) {
  const folders = new Map();
  for (const path of paths) {
    const from = path.split("/")[0];
    const targets = folders.get(from) ?? new Set();
    for (const target of importsOf(path)) if (target !== from) targets.add(target);
    folders.set(from, targets);
  }
  return folders;
}

/** The first way that leads from a folder back to it, or undefined. */
function circle(folders) {
  const done = new Set();
  const visit = (folder, way) => {
    if (way.includes(folder)) return [...way.slice(way.indexOf(folder)), folder];
    if (done.has(folder)) return undefined;
    for (const next of folders.get(folder) ?? []) {
      const found = visit(next, [...way, folder]);
      if (found) return found;
    }
    done.add(folder);
    return undefined;
  };
  for (const folder of folders.keys()) {
    const found = visit(folder, []);
    if (found) return found.join(" → ");
  }
  return undefined;
}

test("a circle is found where there is one", () => {
  const folders = (edges) => new Map(Object.entries(edges));
  assert.equal(circle(folders({ a: ["b"], b: ["c"], c: [] })), undefined);
  assert.equal(circle(folders({ a: ["b"], b: ["c"], c: ["b"] })), "b → c → b");
});

test("TypeScript: no folder imports in a circle", () => {
  const folders = graph(files("pkg/src", "ts"), (path) => {
    const text = readFileSync(join(top, "pkg/src", path), "utf8");
    const specifiers = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"(\.[^"]+)"/g)].map(([, found]) => found);
    return specifiers.map((specifier) => normalize(join(dirname(path), specifier)).split("/")[0]);
  });
  assert.ok(folders.size >= 6, "the folders were found");
  assert.equal(circle(folders), undefined);
});

test("Rust: no folder imports in a circle", () => {
  const inFolders = files("src", ".rs").filter((path) => path.includes("/"));
  const folders = graph(inFolders, (path) => {
    const text = readFileSync(join(top, "src", path), "utf8").replace(/^\s*\/\/.*$/gm, "");
    // What the tests inside a file use is not what the file stands on.
    const [code] = text.split("#[cfg(test)]");
    return [...code.matchAll(/\bcrate::(\w+)::/g)].map(([, found]) => found);
  });
  assert.ok(folders.size >= 5, "the folders were found");
  assert.equal(circle(folders), undefined);
});
