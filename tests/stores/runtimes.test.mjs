// The stores in Bun and Deno, with the clients that are common there, over real servers.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { memoryStore } from "tandem-jwt/session";
import { conformance } from "tandem-jwt/stores/conformance";

import { migrated } from "./clients.mjs";
import { startPostgres, startRedis } from "./servers.mjs";

const require = createRequire(import.meta.url);
const binary = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);
const program = fileURLToPath(new URL("in-runtime.mjs", import.meta.url));
const run = promisify(execFile);
const redis = await startRedis();
const postgres = await startPostgres();
await migrated(postgres);
after(() => Promise.all([redis.stop(), postgres.stop()]));

for (const [runtime, file, ...words] of [
  ["Bun", binary("bun", "bin/bun.exe")],
  ["Deno", binary("deno", "deno"), "run", "--quiet", "--allow-all", "--node-modules-dir=manual"],
]) {
  for (const [kind, client, { url }, ...lacks] of [
    ["REDIS", "redis 6", redis, "transact", "sweep"],
    ["REDIS", "ioredis 6", redis, "transact", "sweep"],
    ["POSTGRES", "pg", postgres, "transact"],
    ["POSTGRES", "postgres", postgres, "transact"],
  ]) {
    test(`${runtime}: ${client}`, async () => {
      const environment = { ...process.env, DENO_NO_UPDATE_CHECK: "1" };
      const { stdout } = await run(file, [...words, program, kind, client, url, ...lacks], { env: environment });
      const wanted = conformance(memoryStore, {}).filter(({ needs }) => !lacks.includes(needs));
      assert.equal(Number(stdout), wanted.length);
    });
  }
}
