import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

import { ALGORITHMS as NAMES } from "../../pkg/dist/algorithms.js";
import { ALGORITHMS } from "./check.mjs";
import { unpack } from "./packed.mjs";
import { ticked } from "./table.mjs";

const packed = unpack();
after(() => packed.remove());

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rsa = JSON.stringify({
  privateKey: privateKey.export({ format: "pem", type: "pkcs8" }),
  publicKey: publicKey.export({ format: "pem", type: "spki" }),
});

const esm = `
  import * as jwt from "tandem-jwt";
  import * as sessions from "tandem-jwt/session";
  import { check, checkSessions } from "./check.mjs";
  console.log(JSON.stringify({ algorithms: check(jwt, ${rsa}), sessions: await checkSessions(sessions) }));
`;
const cjs = `
  const jwt = require("tandem-jwt");
  const sessions = require("tandem-jwt/session");
  import("./check.mjs").then(async ({ check, checkSessions }) => {
    console.log(JSON.stringify({ algorithms: check(jwt, ${rsa}), sessions: await checkSessions(sessions) }));
  });
`;
writeFileSync(join(packed.folder, "run.mjs"), esm);
writeFileSync(join(packed.folder, "run.cjs"), cjs);

const require = createRequire(import.meta.url);
const binary = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);
const bun = binary("bun", "bin/bun.exe");
const deno = binary("deno", "deno");

for (const [name, program, ...words] of [
  ["Node, import", process.execPath, "run.mjs"],
  ["Node, require", process.execPath, "run.cjs"],
  ["Bun, import", bun, "run.mjs"],
  ["Bun, require", bun, "run.cjs"],
  ["Deno, import", deno, "run", "--quiet", "--node-modules-dir=manual", "run.mjs"],
]) {
  test(name, () => {
    const printed = execFileSync(program, words, {
      cwd: packed.folder,
      encoding: "utf8",
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
    });
    assert.deepEqual(JSON.parse(printed), { algorithms: ticked(name.split(",")[0]), sessions: 6 });
  });
}

test("the check leaves no algorithm out", () => assert.deepEqual([...NAMES, "none"].sort(), [...ALGORITHMS].sort()));
