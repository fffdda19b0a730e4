import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { ALGORITHMS as NAMES } from "../../pkg/dist/jwt/algorithms.js";
import { bun, deno } from "../other-runtimes.mjs";
import { ALGORITHMS } from "./check.mjs";
import { rsaKeys, unpack } from "./packed.mjs";
import { HOSTS, NODES } from "./runtimes.mjs";
import { ticked } from "./table.mjs";

const packed = unpack();
after(() => packed.remove());

const rsa = JSON.stringify(rsaKeys());

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

/** An application of ES modules beside a middleware of CommonJS: an error of the one is an error of the other. */
const mixed = `
  import { createRequire } from "node:module";
  import imported, { TokenExpiredError, sign } from "tandem-jwt";
  import { SessionError } from "tandem-jwt/session";
  const require = createRequire(import.meta.url);
  const required = require("tandem-jwt");
  const caught = (call) => { try { call(); } catch (error) { return error; } };
  const token = sign({ sub: "ada", exp: 1 }, "secret");
  const expired = caught(() => required.verify(token, "secret"));
  console.log(JSON.stringify([
    imported === required,
    expired instanceof TokenExpiredError,
    caught(() => imported.verify(token, "secret")) instanceof required.TokenExpiredError,
    required.sign({ iat: 1 }, "secret") === sign({ iat: 1 }, "secret"),
    caught(() => imported.verify(token.slice(0, -2) + "AA", "secret")) instanceof required.JsonWebTokenError,
    SessionError === require("tandem-jwt/session").SessionError,
  ]));
`;
writeFileSync(join(packed.folder, "mixed.mjs"), mixed);

/** Errors that code from before ES2015 extends. */
const es5 = `
  const jwt = require("tandem-jwt");
  const { inherits } = require("node:util");
  function Mine(message) { jwt.JsonWebTokenError.call(this, message); this.mine = true; }
  inherits(Mine, jwt.JsonWebTokenError);
  class Theirs extends jwt.TokenExpiredError {}
  const [mine, theirs, called] = [new Mine("m"), new Theirs("t", new Date(0)), jwt.JsonWebTokenError("c")];
  console.log(JSON.stringify([
    mine instanceof Error && mine instanceof jwt.JsonWebTokenError && mine.mine && mine.message === "m",
    theirs instanceof Theirs && theirs instanceof jwt.JsonWebTokenError && theirs.expiredAt.getTime() === 0,
    called instanceof jwt.JsonWebTokenError && called.message === "c" && typeof called.stack === "string",
    require("node:util").types.isNativeError(theirs),
  ]));
`;
writeFileSync(join(packed.folder, "es5.cjs"), es5);

/** What programs require of npm jsonwebtoken by path. */
const byPath = `
  const jwt = require("tandem-jwt");
  const decode = require("tandem-jwt/decode");
  const answers = [
    decode === jwt.decode && decode.decode === decode && typeof decode.isExpired === "function",
    require("tandem-jwt/decode.js") === decode,
  ];
  for (const extension of ["", ".js"]) {
    for (const name of ["sign", "verify"]) answers.push(require("tandem-jwt/" + name + extension) === jwt[name]);
    for (const name of ["JsonWebTokenError", "TokenExpiredError", "NotBeforeError"])
      answers.push(require("tandem-jwt/lib/" + name + extension) === jwt[name]);
    const timespan = require("tandem-jwt/lib/timespan" + extension);
    answers.push(timespan("1h", 10) === 3610 && timespan(5, 10) === 15 && timespan({}, 1) === undefined);
    answers.push(Math.abs(timespan(60) - Date.now() / 1000 - 60) < 5);
  }
  console.log(JSON.stringify(answers));
`;
writeFileSync(join(packed.folder, "by-path.cjs"), byPath);

const columnOf = (name) => name.match(/^\w+/)[0];

test("the versions of Node are those", () => {
  for (const [name, program] of NODES)
    assert.ok(execFileSync(program, ["--version"], { encoding: "utf8" }).startsWith(name.replace("Node ", "v")));
});

for (const [name, program, ...words] of [
  ...NODES.flatMap(([version, program]) => [
    [`${version}, import`, program, "run.mjs"],
    [`${version}, require`, program, "run.cjs"],
  ]),
  ["Node, import", process.execPath, "run.mjs"],
  ["Node, require", process.execPath, "run.cjs"],
  ["Bun, import", bun, "run.mjs"],
  ["Bun, require", bun, "run.cjs"],
  ["Deno, import", deno, "run", "--quiet", "--node-modules-dir=manual", "run.mjs"],
  ["Deno, require", deno, "run", "--quiet", "--allow-read", "--node-modules-dir=manual", "run.cjs"],
]) {
  test(name, () => {
    const printed = execFileSync(program, words, {
      cwd: packed.folder,
      encoding: "utf8",
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
    });
    assert.deepEqual(JSON.parse(printed), { algorithms: ticked(columnOf(name)), sessions: 6 });
  });
}

test("the check leaves no algorithm out", () => assert.deepEqual([...NAMES, "none"].sort(), [...ALGORITHMS].sort()));

for (const [name, program, ...words] of HOSTS) {
  for (const [what, file] of [
    ["import and require meet in one copy", "mixed.mjs"],
    ["errors are called and extended as functions", "es5.cjs"],
    ["functions and errors are required by path", "by-path.cjs"],
  ]) {
    test(`${name}: ${what}`, () => {
      const printed = execFileSync(program, [...words, file], { cwd: packed.folder, encoding: "utf8" });
      const answers = JSON.parse(printed);
      assert.ok(answers.length >= 4);
      assert.deepEqual([...new Set(answers)], [true]);
    });
  }
}
