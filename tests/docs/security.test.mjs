// The tests that docs/security.md and docs/jwks.md name are there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const read = (page) => readFileSync(new URL(page, root), "utf8");
const rowsOf = (text) => text.split("\n").filter((line) => line.startsWith("| ") && !/shown by \|$/.test(line));

/** The rows of both pages that have to name a test, and what each is about. */
const ROWS = [
  ...rowsOf(read("docs/security.md")).map((row) => ["docs/security.md", row, row.split(" | ")[1]]),
  ...rowsOf(read("docs/jwks.md").split("## What happens when")[1].split("Other libraries in the")[0]).map((row) => [
    "docs/jwks.md",
    row,
    row.split(" | ")[0].slice(2),
  ]),
];

/** The cells of a row, of which the last names tests as `file`: title, with semicolons between. */
const shown = (row) => row.split(" | ").at(-1).replace(/ \|$/, "");

for (const [page, row, about] of ROWS) {
  test(`${page}: ${about}`, () => {
    const named = [...shown(row).matchAll(/`(tests\/[^`]+)`: ([^`]+?)(?=; `tests|$)/g)];
    if (named.length === 0) {
      // Whatever no test shows is said to be somebody else's, or not met.
      assert.match(row, /not met|the application's|no JWE|not used/);
      assert.equal(page, "docs/security.md");
    }
    for (const [, file, title] of named) assert.ok(read(file).includes(title.trim()), `${file} has no test "${title}"`);
  });
}

test("the tables were found", () => {
  assert.ok(ROWS.filter(([page]) => page === "docs/security.md").length > 25);
  assert.ok(ROWS.filter(([page]) => page === "docs/jwks.md").length >= 14);
});
