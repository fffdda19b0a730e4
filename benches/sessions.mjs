// What a refresh takes when a store holds many sessions.

import { child } from "./child.mjs";
import { lines } from "./report/charts.mjs";
import { figure, table } from "./report/figures.mjs";
import { median, quantile } from "./rounds.mjs";
import { postgres, redis } from "./sessions/servers.mjs";
import { d1, durableObject } from "./sessions/workers.mjs";

export async function run(settings) {
  const { refreshes } = settings;
  const stores = {
    memory: () =>
      child("sessions/memory-program.mjs", { sizes: settings.memorySessions, refreshes }, "--max-old-space-size=8192"),
    Redis: () => redis({ sizes: settings.serverSessions, refreshes }),
    PostgreSQL: () => postgres({ sizes: settings.serverSessions, refreshes }),
    D1: () => d1({ sizes: settings.d1Sessions, refreshes }),
    "Durable Object, one user": () => durableObject({ sizes: settings.objectSessions, refreshes }),
  };
  const rows = [];
  const series = [];
  const missing = [];
  for (const [name, measure] of Object.entries(stores)) {
    let points;
    try {
      points = await measure();
    } catch (error) {
      // No server here, or none that starts.
      if (!/^no PostgreSQL|ENOENT/.test(error.message)) throw error;
      missing.push(`${name} was not measured: ${error.message.split("\n")[0]}.\n`);
      continue;
    }
    for (const { size, samples, bytes } of points)
      rows.push([
        name,
        size.toLocaleString("en"),
        figure(median(samples) / 1000),
        figure(quantile(samples, 0.95) / 1000),
        size < 1_000 ? "–" : figure(bytes),
      ]);
    series.push({ name, points: points.map(({ size, samples }) => [size, median(samples) / 1000]) });
    console.error(`  ${name} measured`);
  }
  return {
    title: "Number of sessions",
    text: `Milliseconds of a refresh, one after another, by the number of sessions in the store, and the bytes that each session takes.
Redis, PostgreSQL and D1 were filled with their own statements, memory with \`create\`; ${refreshes} of the sessions are real and
refreshed. Servers run on this machine: Redis with \`appendfsync everysec\` through ioredis, PostgreSQL with \`fsync\` through pg.
D1 and the Durable Object, which has all sessions of one user, run in workerd, where a sample is a request with up to 25
refreshes.

${missing.join("\n")}${table(["store", "sessions", "median ms", "95 % ms", "bytes a session"], rows)}
`,
    charts: {
      sessions: lines("A refresh by the number of sessions in the store", { x: "sessions", y: "milliseconds", series }),
    },
  };
}
