import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { unpack } from "./packed.mjs";

const packed = unpack();
after(() => packed.remove());
const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = (name) => join(root, "node_modules", ".bin", name);
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
    "tandem.wasm",
    "package.json",
  ];
  execFileSync(bin("attw"), words, { encoding: "utf8" });
});

test("no dependency, no script, and the files that are meant", () => {
  const manifest = JSON.parse(readFileSync(installed("package.json"), "utf8"));
  assert.equal(manifest.dependencies ?? manifest.peerDependencies ?? manifest.optionalDependencies, undefined);
  assert.equal(manifest.scripts, undefined);
  for (const file of ["package.json", "README.md", "LICENSE", "dist/tandem.wasm"])
    assert.ok(packed.files.includes(file), file);
  assert.ok(
    packed.files.every((file) => /^(dist\/|package\.json$|[\w/]+\/package\.json$|README\.md$|LICENSE$)/.test(file)),
  );
});

test("no path of the building machine, no eval", () => {
  for (const file of packed.files) {
    const text = readFileSync(installed(file), "latin1");
    for (const path of [root, homedir(), "/usr/src/"]) assert.ok(!text.includes(path), `${file} names ${path}`);
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
