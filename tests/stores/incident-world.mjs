// Two servers over one store, in memory and in a real Redis, for replaying incidents.

import { after } from "node:test";

import Redis from "ioredis";
import { createSessions, memoryStore } from "tandem-jwt/session";
import { redisStore } from "tandem-jwt/stores/redis";

import { startRedis } from "./servers.mjs";

const redis = await startRedis();
const clients = [new Redis(redis.port, redis.host), new Redis(redis.port, redis.host)];
after(async () => {
  for (const client of clients) client.disconnect();
  await redis.stop();
});

const START = 1_800_000_000;
export const DAY = 86_400;

/** Two servers over one store, with a clock that the test moves. */
export function world(storeName, transport, options = {}) {
  const clock = { now: START + Math.floor(Math.random() * DAY) };
  const events = [];
  const nowMs = () => clock.now * 1000;
  const memory = memoryStore({ nowMs });
  const store = (at) =>
    storeName === "memory" ? memory : redisStore(clients[at], { sharedClock: false, nowMs, prefix: `${clock.now}:` });
  const around = options.around ?? ((store) => store);
  const servers = [0, 1].map((at) =>
    createSessions({
      issuer: "https://id.example",
      audience: "api",
      clientId: "web",
      keys: { access: "a secret of at least thirty-two bytes" },
      store: around(store(at)),
      now: () => clock.now,
      on: (event) => events.push(event),
      ...options.sessions,
    }),
  );
  return {
    servers,
    events,
    later: (seconds) => (clock.now += seconds),
    signIn: (more) => servers[0].issue({ sub: crypto.randomUUID(), transport, ...more }),
    refresh: (token, at = 0) => servers[at].refresh(token, { transport }),
    alarms: () => events.filter(({ type }) => type === "reuse" || type === "regression").length,
    signedIn: async (token) => (await servers[0].refresh(token, { transport })).ok,
  };
}
