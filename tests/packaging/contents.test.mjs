import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, posix, relative } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { unpack } from "./packed.mjs";

const packed = unpack();
after(() => packed.remove());
const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = (name) => join(root, "node_modules", ".bin", name);
const docs = readdirSync(join(root, "docs"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => relative(root, join(parentPath, name)));
const PAPERS = ["README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", ...docs];
const installed = (path) => join(packed.folder, "node_modules", "tandem-jwt", path);

test("publint finds nothing", () => {
  const printed = execFileSync(bin("publint"), ["run", "--strict", "--pack", "false", installed(".")], {
    encoding: "utf8",
  });
  assert.match(printed, /All good/);
});

test("the types resolve in every mode of TypeScript", () => {
  const words = [
    packed.tarball,
    "--profile",
    "strict",
    "--format",
    "ascii",
    "--exclude-entrypoints",
    "core.wasm",
    "keys.wasm",
    "package.json",
  ];
  execFileSync(bin("attw"), words, { encoding: "utf8" });
});

test("no dependency, no script, and the files that are meant", () => {
  const manifest = JSON.parse(readFileSync(installed("package.json"), "utf8"));
  assert.equal(manifest.dependencies ?? manifest.peerDependencies ?? manifest.optionalDependencies, undefined);
  assert.equal(manifest.scripts, undefined);
  for (const file of [...PAPERS, "package.json", "dist/core.wasm", "dist/keys.wasm"])
    assert.ok(packed.files.includes(file), file);
  for (const file of packed.files)
    assert.ok(PAPERS.includes(file) || /^(dist\/|package\.json$|[\w/]+\/package\.json$)/.test(file), file);
});

test("links of the README and the docs lead to pages in the package", () => {
  let links = 0;
  for (const page of PAPERS.filter((file) => file.endsWith(".md"))) {
    const text = readFileSync(installed(page), "utf8").replace(/^```.*?^```/gms, "");
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      assert.ok(packed.files.includes(posix.join(posix.dirname(page), target)), `${page} links to ${target}`);
      links++;
    }
  }
  assert.ok(links > 10);
});

test("the package says where it lives in one place, and as long as that is nowhere, not at all", () => {
  const { repository, homepage, bugs, author, ...rest } = JSON.parse(readFileSync(installed("package.json"), "utf8"));
  const given = [repository, homepage, bugs, author].filter((value) => value !== undefined);
  assert.equal(given.length, rest["//"] === undefined ? 4 : 0);
});

test("no path of the building machine, no eval", () => {
  for (const file of packed.files) {
    const text = readFileSync(installed(file), "latin1");
    for (const path of [root, `${homedir()}/`, "/usr/src/"]) assert.ok(!text.includes(path), `${file} names ${path}`);
    if (file.endsWith("js")) assert.doesNotMatch(text, /\beval\(|new Function\(/, file);
  }
});

test("no declaration is longer than a person would write", () => {
  const declarations = packed.files.filter((path) => /\.d\.[cm]?ts$/.test(path));
  assert.ok(declarations.length > 50);
  for (const path of declarations) {
    const { size } = statSync(installed(path));
    assert.ok(size <= 20_000, `${path} has ${size} bytes`);
  }
});
