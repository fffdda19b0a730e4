// What writes docs/benchmarks.md: sections that stand by themselves, and a rule for what is said to be faster.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { bars, lines } from "../../benches/report/charts.mjs";
import { write } from "../../benches/report/document.mjs";
import { compared, isFaster, table } from "../../benches/report/figures.mjs";
import { median, race } from "../../benches/rounds.mjs";

test("a section is measured anew by itself, and they stand in their order", () => {
  const folder = mkdtempSync(join(tmpdir(), "tandem-benchmarks-"));
  try {
    const file = join(folder, "benchmarks.md");
    const names = ["one", "two"];
    const charts = { two: lines("Two", { x: "x", y: "y", series: [{ name: "a", points: [[1, 1]] }] }) };
    write(file, names, "two", { title: "The second", text: "old figures", charts });
    write(file, names, "one", { title: "The first", text: "first figures" });
    write(file, names, "two", { title: "The second", text: "new figures", charts });
    const text = readFileSync(file, "utf8");
    assert.ok(text.indexOf("first figures") < text.indexOf("new figures"));
    assert.ok(text.includes("first figures") && !text.includes("old figures"));
    assert.equal(text.match(/^## /gm).length, 2);
    assert.ok(text.includes("![Two](benchmarks/two.svg)") && existsSync(join(folder, "benchmarks/two.svg")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a peer is faster if it is so in most rounds, by more than a little", () => {
  const ours = [10, 10, 10, 10, 10, 10, 10, 10];
  assert.equal(isFaster([9, 9, 9, 9, 9, 9, 9, 9], ours), true);
  assert.equal(isFaster([9.9, 9.9, 9.9, 9.9, 9.9, 9.9, 9.9, 9.9], ours), false);
  assert.equal(isFaster([5, 5, 5, 5, 5, 12, 12, 12], ours), false);
  assert.equal(compared([5, 5, 5, 5, 5, 5, 5, 5], ours), "**0.50**");
  assert.equal(compared([25, 25, 25, 25, 25, 25, 25, 25], ours), "2.50");
  assert.equal(compared(undefined, ours), "–");
});

test("times are of one operation, in microseconds, less what asking for the time takes", async () => {
  // A clock that passes 3 ms at each call, and 2 ms at each look at it.
  let now = 0;
  const clock = () => (now += 2);
  const call = () => {
    now += 3;
  };
  const { plain, fifty } = await race(
    { plain: { call }, fifty: { call, per: 50 } },
    { rounds: 3, ms: 30, clock, overhead: 2 },
  );
  assert.equal(median(plain), 3_000);
  assert.equal(median(fifty), 60);
});

test("tables have a cell for every column, and charts every value", () => {
  assert.deepEqual(table(["", "us"], [["ours", undefined]]).split("\n"), [
    "|      | us |",
    "|------|----|",
    "| ours | –  |",
  ]);
  const drawn = bars("Bars", { x: "x", series: ["a", "b"], groups: [{ name: "one & all", values: [2, undefined] }] });
  assert.equal(drawn.match(/<rect /g).length, 1 + 1 + 2);
  assert.ok(drawn.includes("one &amp; all"));
});
