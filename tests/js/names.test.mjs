// One name means one thing: no two modules export the same name for different things.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const top = fileURLToPath(new URL("../../", import.meta.url));

/** Names that several modules declare on purpose, each with the reason. */
const ON_PURPOSE = new Map([
  ...["sign", "signAsync", "createSigner", "verify", "verifyAsync", "createVerifier", "init", "createSessions"].map(
    (name) => [name, "`lite` makes the same function over a smaller wasm"],
  ),
  ["loadModule", "each host loads the wasm in a file of its own, and package.json chooses the file"],
]);

/** The names that `declaration` finds in the files below a folder, each with the files that declare it. */
function declared(root, ending, declaration) {
  const places = new Map();
  for (const path of readdirSync(join(top, root), { recursive: true }).sort()) {
    if (!path.endsWith(ending) || /generated|tests/.test(path)) continue;
    const text = readFileSync(join(top, root, path), "utf8");
    for (const [, name] of text.matchAll(declaration)) places.set(name, (places.get(name) ?? new Set()).add(path));
  }
  return places;
}

const inSeveral = (places) => [...places].filter(([, files]) => files.size > 1);
const described = (places) => places.map(([name, files]) => `${name}: ${[...files].join(", ")}`);

test("TypeScript: an exported name, of a type too, is declared by one module", () => {
  const places = declared(
    "pkg/src",
    "ts",
    /^export (?:declare |async |abstract )*(?:const|let|function\*?|class|type|interface|enum) (\w+)/gm,
  );
  assert.ok(places.size > 300, "the exports were found");
  const found = inSeveral(places);
  assert.deepEqual(described(found.filter(([name]) => !ON_PURPOSE.has(name))), []);
  const unused = [...ON_PURPOSE.keys()].filter((name) => !found.some(([twice]) => twice === name));
  assert.deepEqual(unused, [], "exceptions that nothing needs any more");
});

// Functions are called by their module, as in `pem::read`; types and constants are imported by name.
test("Rust: a type, a trait or a constant has its name to itself", () => {
  const places = declared("src", ".rs", /^pub(?:\([a-z]+\))? (?:struct|enum|trait|type|static|const(?! fn)) (\w+)/gm);
  assert.ok(places.size > 80, "the declarations were found");
  assert.deepEqual(described(inSeveral(places)), []);
});
