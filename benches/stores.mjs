// How many refreshes a store carries, how long one takes, and how much room a session needs: each store by itself, on
// real servers on this machine that keep what they acknowledge as they would in production.

import Redis from "ioredis";
import pg from "pg";

import { createSessions, memoryStore } from "tandem-jwt/session";

import { migrated, POSTGRES, REDIS } from "../tests/stores/clients.mjs";
import { startPostgres, startRedis } from "../tests/stores/servers.mjs";
import { startWorkers } from "../tests/stores/workers.mjs";

const SESSIONS = 4_000;
const AT_ONCE = 16;
const WARM = 200;
const cookie = { transport: "cookie" };

export async function run() {
  console.log(
    `\nstores: ${SESSIONS} sessions, each refreshed once, ${AT_ONCE} at once (a tenth of that in workerd, through a fetch each)`,
  );
  console.log(
    `  ${"".padEnd(34)}${["refreshes/s", "p50 ms", "p99 ms", "bytes a session"].map((name) => name.padStart(16)).join("")}`,
  );
  await measure("memory", sessionsOver(memoryStore()));

  await withServer(
    () => startRedis("--appendonly", "yes", "--appendfsync", "everysec"),
    async (server) => {
      for (const client of ["ioredis 6", "redis 6"]) {
        const opened = REDIS[client](server);
        const admin = new Redis(server.port, server.host);
        const used = async () => Number(/used_memory:(\d+)/.exec(await admin.info("memory"))[1]);
        await measure(`Redis, ${client}`, sessionsOver(await opened.store()), used);
        await admin.flushall();
        admin.disconnect();
        await opened.close();
      }
    },
  );

  await withServer(
    () => startPostgres("-c", "fsync=on"),
    async (server) => {
      await migrated(server);
      for (const client of ["pg", "postgres"]) {
        const opened = POSTGRES[client](server);
        const admin = new pg.Client(server.url);
        await admin.connect();
        const used = async () =>
          Number((await admin.query("SELECT pg_total_relation_size('tandem_session') AS size")).rows[0].size);
        await admin.query("TRUNCATE tandem_session");
        await measure(`PostgreSQL, ${client}, pool of 8`, sessionsOver(await opened.store()), used);
        await admin.end();
        await opened.close();
      }
    },
  );

  await withServer(startWorkers, async ({ ask }) => {
    await ask("migrate");
    for (const kind of ["d1", "durable object"]) {
      const sub = (at) => `${kind} ${at}`;
      const used = async () => {
        const sizes = await ask("sizes", { sub: sub(0) });
        return kind === "d1" ? sizes.d1 : sizes.object * (SESSIONS / 10 + WARM);
      };
      const sessions = {
        issue: (at) => ask("issue", { kind, sub: sub(at) }),
        refresh: async (token) => (await ask("refresh", { kind, token, times: 1 }))[0].outcome,
      };
      await measure(`workerd, ${kind}`, sessions, used, SESSIONS / 10);
    }
  });
}

async function withServer(start, use) {
  let server;
  try {
    server = await start();
  } catch (error) {
    console.log(`  not measured: ${error.message.split("\n")[0]}`);
    return;
  }
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

function sessionsOver(store) {
  const sessions = createSessions({
    issuer: "https://id.example",
    audience: "api",
    clientId: "web",
    keys: { access: "a secret of at least thirty-two bytes" },
    store,
  });
  return {
    issue: async (at) =>
      (
        await sessions.issue({
          sub: `user ${at}`,
          scope: "read write",
          claims: { role: "user" },
          device: "Firefox on Linux",
          ...cookie,
        })
      ).refresh,
    refresh: async (token) => (await sessions.refresh(token, cookie)).outcome,
  };
}

async function measure(name, sessions, used, count = SESSIONS) {
  const before = (await used?.()) ?? 0;
  const tokens = [];
  await atOnce(count + WARM, async (at) => (tokens[at] = await sessions.issue(at)));
  const bytes = used === undefined ? "" : Math.round(((await used()) - before) / (count + WARM));
  // The first are to warm up what has to be.
  for (const token of tokens.splice(0, WARM)) await sessions.refresh(token);
  const times = [];
  const began = performance.now();
  await atOnce(count, async (at) => {
    const start = performance.now();
    const outcome = await sessions.refresh(tokens[at]);
    times.push(performance.now() - start);
    if (outcome !== "rotated") throw new Error(`${name}: a refresh was ${outcome}`);
  });
  const perSecond = count / ((performance.now() - began) / 1000);
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(2);
  console.log(
    `  ${name.padEnd(34)}${[Math.round(perSecond), at(0.5), at(0.99), bytes].map((value) => String(value).padStart(16)).join("")}`,
  );
}

async function atOnce(count, call) {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) await call(next++);
    }),
  );
}
