// The stores in Bun and Deno, with the clients that are common there, over real servers.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { memoryStore } from "tandem-jwt/session";
import { conformance } from "tandem-jwt/stores/conformance";

import { bun, DENO_RUN, deno } from "../other-runtimes.mjs";
import { migrated } from "./clients.mjs";
import { startPostgres, startRedis } from "./servers.mjs";

const program = fileURLToPath(new URL("in-runtime.mjs", import.meta.url));
const run = promisify(execFile);
const redis = await startRedis();
const postgres = await startPostgres();
await migrated(postgres);
after(() => Promise.all([redis.stop(), postgres.stop()]));

for (const [runtime, file, ...words] of [
  ["Bun", bun],
  ["Deno", deno, ...DENO_RUN],
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
