// What runs TypeScript and tests without a build: tsx, ts-node, and Vitest in each of its environments.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";

import { ALGORITHMS } from "./check.mjs";
import { program, project, tool } from "./matrix/project.mjs";
import { rsaKeys } from "./packed.mjs";

const packed = project();
after(() => packed.remove());
const rsa = rsaKeys();
const ALL = { algorithms: ALGORITHMS, both: 6, sessions: 6 };
const write = (name, text) => writeFileSync(join(packed.folder, name), text);
const run = (...words) => execFileSync(process.execPath, words, { cwd: packed.folder, encoding: "utf8" });

// Types that are taken away, and a wrong one would be found by ts-node.
const typed = `
  import type { JwtPayload } from "tandem-jwt";
  const claims = imported.verify(imported.sign({ sub: "ada" }, "secret"), "secret") as JwtPayload;
  export const sub: string | undefined = claims.sub;
`;
const imports = 'import * as imported from "tandem-jwt";\n';
write("program.mts", `${imports}${typed}export { imported };\n`);
write("program.cts", `${imports}import required = require("tandem-jwt");\n${typed}export { imported, required };\n`);
write("program.ts", `${imports}import required = require("tandem-jwt");\n${typed}export { imported, required };\n`);
const report = `
  const { check, checkBoth, checkSessions } = await import("./check.mjs");
  const sessions = await import("tandem-jwt/session");
  const answer = { algorithms: check(imported, ${JSON.stringify(rsa)}), both: checkBoth(imported, required) };
  console.log(JSON.stringify({ ...answer, sessions: await checkSessions(sessions), sub }));
`;
write("tsx.mjs", `import { imported, sub } from "./program.mts"; import { required } from "./program.cts";\n${report}`);
write("ts-node.cjs", `const { imported, required, sub } = require("./program.ts");\n(async () => {${report}})();`);

test("tsx, ES modules beside CommonJS", () => {
  assert.deepEqual(JSON.parse(run(tool("tsx", "dist/cli.mjs"), "tsx.mjs")), { ...ALL, sub: "ada" });
});

test("ts-node, which checks the types", () => {
  const compilerOptions = {
    module: "node16",
    moduleResolution: "node16",
    target: "es2022",
    strict: true,
    types: ["node"],
  };
  write("tsconfig.json", JSON.stringify({ compilerOptions, "ts-node": { files: false } }));
  const words = ["-r", tool("ts-node", "register/index.js"), "ts-node.cjs"];
  assert.deepEqual(JSON.parse(run(...words)), { ...ALL, sub: "ada" });
  write("wrong.ts", 'import { sign } from "tandem-jwt";\nexport const token: number = sign({}, "secret");\n');
  const { status, stderr } = spawnSync(process.execPath, ["-r", tool("ts-node", "register/index.js"), "wrong.ts"], {
    cwd: packed.folder,
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(stderr, /TS2322/);
});

write(
  "vitest.test.mjs",
  program(rsa, `test("the program of every cell", async () => expect(await run()).toEqual(${JSON.stringify(ALL)}))`),
);
for (const environment of ["node", "jsdom", "happy-dom"]) {
  for (const inlined of [false, true]) {
    test(`Vitest in ${environment}${inlined ? ", with the package inlined" : ""}`, () => {
      write(
        "vitest.config.mjs",
        `export default ${JSON.stringify({
          test: {
            environment,
            globals: true,
            include: ["vitest.test.mjs"],
            ...(inlined ? { server: { deps: { inline: ["tandem-jwt", "some-middleware"] } } } : {}),
          },
        })};`,
      );
      const words = [tool("vitest", "vitest.mjs"), "run", "--root", packed.folder, "--reporter=json"];
      const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: packed.folder, encoding: "utf8" });
      const result = JSON.parse(stdout);
      const messages = result.testResults.flatMap(({ message, assertionResults }) => [
        message,
        ...assertionResults.flatMap(({ failureMessages }) => failureMessages),
      ]);
      assert.deepEqual([result.numPassedTests, result.numTotalTests], [1, 1], `${messages.join("\n")}${stderr}`);
    });
  }
}
