// The tests that docs/security.md names are there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const rows = readFileSync(new URL("docs/security.md", root), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| \| asked/.test(line));

/** The cells of a row, of which the last names tests as `file`: title, with semicolons between. */
const shown = (row) => row.split(" | ").at(-1).replace(/ \|$/, "");

for (const row of rows) {
  const [, asked] = row.split(" | ");
  test(`docs/security.md: ${asked}`, () => {
    const named = [...shown(row).matchAll(/`(tests\/[^`]+)`: ([^`]+?)(?=; `tests|$)/g)];
    if (named.length === 0) {
      // Whatever no test shows is said to be somebody else's, or not met.
      assert.match(row, /not met|the application's|no JWE|not used/);
    }
    for (const [, file, title] of named) {
      const text = readFileSync(new URL(file, root), "utf8");
      assert.ok(text.includes(title.trim()), `${file} has no test "${title}"`);
    }
  });
}

test("the tables were found", () => assert.ok(rows.length > 25));
