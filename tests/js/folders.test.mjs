// The folders of the sources form layers: no two of them import each other, by whichever way round.

import assert from "node:assert/strict";
import { test } from "node:test";

import { circle, rustGraph, typeScriptGraph } from "./import-graph.mjs";

test("a circle is found where there is one", () => {
  const rooms = (edges) => new Map(Object.entries(edges));
  assert.equal(circle(rooms({ a: ["b"], b: ["c"], c: [] })), undefined);
  assert.equal(circle(rooms({ a: ["b"], b: ["c"], c: ["b"] })), "b → c → b");
});

test("TypeScript: no folder imports in a circle", () => {
  const rooms = typeScriptGraph();
  assert.ok(rooms.size >= 6, "the folders were found");
  assert.equal(circle(rooms), undefined);
});

test("Rust: no module imports in a circle", () => {
  const rooms = rustGraph();
  assert.ok(rooms.size >= 5, "the modules were found");
  assert.equal(circle(rooms), undefined);
});
