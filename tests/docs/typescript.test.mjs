// Every TypeScript snippet compiles under strict, each as a module of its own: those of Workers with the types of Workers.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { snippets } from "./snippets.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter((page) =>
  page.endsWith(".md"),
);
// Below the checkout, so that the packages are found.
mkdirSync(join(root, "target"), { recursive: true });
const folder = mkdtempSync(join(root, "target", "snippets-"));
after(() => rmSync(folder, { recursive: true }));

const HOSTS = {
  node: { lib: ["ES2022", "DOM"], types: ["node"] },
  worker: { lib: ["ES2022"], types: ["@cloudflare/workers-types"], customConditions: ["workerd"] },
};
const files = pages.flatMap((page) =>
  snippets(page, "ts").map(({ line, code }) => ({
    page,
    line,
    code,
    name: `${page.replace(/\W/g, "-")}-${line}.mts`,
    host: code.includes("tandem-jwt/cloudflare") ? "worker" : "node",
  })),
);

/** What the compiler says of the files of a host, a line each. */
function compile(host, written) {
  copyFileSync(new URL(`ambient/${host}.d.ts`, import.meta.url), join(folder, `${host}.d.ts`));
  // A snippet without imports is a module too.
  for (const { name, code } of written) writeFileSync(join(folder, name), `${code}\nexport {};\n`);
  const compilerOptions = {
    target: "ES2022",
    module: "NodeNext",
    strict: true,
    noEmit: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    typeRoots: [join(root, "node_modules", "@types"), join(root, "node_modules")],
    ...HOSTS[host],
  };
  const project = join(folder, `tsconfig.${host}.json`);
  writeFileSync(
    project,
    JSON.stringify({ compilerOptions, files: [`${host}.d.ts`, ...written.map(({ name }) => name)] }),
  );
  const words = [join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false", "-p", project];
  return spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" }).stdout.split("\n").filter(Boolean);
}

for (const host of Object.keys(HOSTS)) {
  const written = files.filter((file) => file.host === host);
  const said = compile(host, written);
  for (const { page, line, name } of written) {
    test(`${page}, line ${line}`, () => {
      assert.deepEqual(
        said.filter((text) => text.includes(name)),
        [],
      );
    });
  }

  test(`${host}: nothing else is wrong, and a snippet that is would be found`, () => {
    assert.ok(written.length > 0);
    assert.deepEqual(said, []);
    const wrong = {
      name: "wrong.mts",
      code: 'import jwt from "tandem-jwt";\njwt.sign({}, "secret", { expiresIn: true });',
    };
    assert.match(compile(host, [wrong]).join("\n"), /^wrong\.mts\(2,\d+\): error TS/);
  });
}
