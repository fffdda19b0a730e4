// Every JavaScript snippet runs as it stands, and prints what the comments beside its console.log calls say.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { snippets } from "./snippets.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = ["README.md", ...readdirSync(join(root, "docs")).map(name => `docs/${name}`)].filter(page => page.endsWith(".md"));

/** What the comments promise: the text after `//` on a line that prints. */
const promised = code => code.split("\n").flatMap(line => /console\.log\(.*\); \/\/ (.*)$/.exec(line)?.[1] ?? []);

for (const page of pages) {
  for (const { line, code } of snippets(page, "js")) {
    test(`${page}, line ${line}`, () => {
      const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" });
      for (const promise of promised(code)) assert.ok(printed.includes(promise.replace(/, in seconds$/, "")), `${promise}\n${printed}`);
    });
  }

  test(`${page}: the links lead somewhere`, () => {
    const text = readFileSync(join(root, page), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) assert.ok(existsSync(join(root, dirname(page), target)), target);
  });
}

test("the snippet on top of the README runs with npm jsonwebtoken too", () => {
  const [{ code }] = snippets("README.md", "js");
  const run = text => execFileSync(process.execPath, ["--input-type=module", "--eval", text], { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" });
  const shape = text => text.replace(/\d{10}/g, "N");
  assert.equal(shape(run(code)), shape(run(code.replace('"tandem-jwt"', '"jsonwebtoken"'))));
  assert.match(run(code), /^Token is valid: \{/);
});
