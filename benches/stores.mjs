// How many refreshes a store carries, how long one takes, and how much room a session needs: each store by itself, on
// real servers on this machine that keep what they acknowledge as they would in production.

import Redis from "ioredis";
import pg from "pg";

import { memoryStore } from "tandem-jwt/session";

import { migrated, POSTGRES, REDIS } from "../tests/stores/clients.mjs";
import { startPostgres, startRedis } from "../tests/stores/servers.mjs";
import { startWorkers } from "../tests/stores/workers.mjs";
import { table } from "./report/figures.mjs";
import { quantile } from "./rounds.mjs";
import { sessionsOver } from "./sessions/drive.mjs";

const AT_ONCE = 16;

export async function run(settings) {
  const count = settings.storeSessions;
  const report = { rows: [], missing: [], warm: Math.ceil(count / 20) };
  await measure(report, "memory", sessionsOver(memoryStore()), undefined, count);
  await redis(report, count);
  await postgres(report, count);
  await workers(report, Math.ceil(count / 10));
  const head = ["store", "refreshes/s", "p50 ms", "p99 ms", "bytes a session"];
  return {
    title: "Stores",
    text: `${count} sessions, each refreshed once, ${AT_ONCE} at once; in workerd a tenth of that, each through a fetch. The servers run on
this machine, persist writes as in production, and share its cores with the client.

${report.missing.join("")}${table(head, report.rows)}
`,
  };
}

async function redis(report, count) {
  await withServer(
    report,
    () => startRedis("--appendonly", "yes", "--appendfsync", "everysec"),
    async (server) => {
      for (const client of ["ioredis 6", "redis 6"]) {
        const opened = REDIS[client](server, { sharedClock: false });
        const admin = new Redis(server.port, server.host);
        const used = async () => Number(/used_memory:(\d+)/.exec(await admin.info("memory"))[1]);
        // The clock of these sessions runs ahead of Redis's.
        const sessions = sessionsOver(await opened.store());
        await measure(report, `Redis, ${client}`, sessions, used, count);
        await admin.flushall();
        admin.disconnect();
        await opened.close();
      }
    },
  );
}

async function postgres(report, count) {
  await withServer(
    report,
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
        await measure(report, `PostgreSQL, ${client}, pool of 8`, sessionsOver(await opened.store()), used, count);
        await admin.end();
        await opened.close();
      }
    },
  );
}

async function workers(report, count) {
  await withServer(report, startWorkers, async ({ ask }) => {
    await ask("migrate");
    for (const kind of ["d1", "durable object"]) {
      const used = async () => {
        const sizes = await ask("sizes", { sub: `${kind} user 0` });
        return kind === "d1" ? sizes.d1 : sizes.object * (count + report.warm);
      };
      const sessions = {
        issue: (name) => ask("issue", { kind, sub: `${kind} ${name}` }),
        refresh: async (token) => {
          const [{ outcome }] = await ask("refresh", { kind, token, times: 1 });
          if (outcome !== "rotated") throw new Error(`a refresh was ${outcome}`);
        },
      };
      await measure(report, `workerd, ${kind}`, sessions, used, count);
    }
  });
}

async function withServer(report, start, use) {
  let server;
  try {
    server = await start();
  } catch (error) {
    report.missing.push(`Not measured: ${error.message.split("\n")[0]}.\n\n`);
    return;
  }
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

async function measure({ rows, warm }, name, sessions, used, count) {
  const before = (await used?.()) ?? 0;
  const tokens = [];
  await atOnce(count + warm, async (at) => (tokens[at] = await sessions.issue(`user ${at}`)));
  const bytes = used && Math.round(((await used()) - before) / (count + warm));
  // The first are to warm up what has to be.
  for (const token of tokens.splice(0, warm)) await sessions.refresh(token);
  const times = [];
  const began = performance.now();
  await atOnce(count, async (at) => {
    const start = performance.now();
    await sessions.refresh(tokens[at]);
    times.push(performance.now() - start);
  });
  const perSecond = count / ((performance.now() - began) / 1000);
  const at = (share) => quantile(times, share).toFixed(2);
  rows.push([name, Math.round(perSecond).toLocaleString("en"), at(0.5), at(0.99), bytes?.toLocaleString("en")]);
}

async function atOnce(count, call) {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) await call(next++);
    }),
  );
}
