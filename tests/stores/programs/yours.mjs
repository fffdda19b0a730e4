// What the recipes of docs/recipes.md import from `./yours.mjs`.

import Redis from "ioredis";
import { redisStore } from "tandem-jwt/stores/redis";

export const options = {
  issuer: "https://auth.example.com",
  audience: "https://api.example.com",
  clientId: "web",
  keys: { access: "a secret of at least thirty-two bytes" },
  // Disconnected only by a parent that has died.
  on: (event) => process.connected && process.send({ event: event.type }),
};

export const findUser = async ({ username, password }) =>
  username === "ada" && password === "lovelace" ? { id: "ada", scope: "read" } : undefined;

/** In the place of `memoryStore()`: what several processes share, and what outlives one. The clock of Redis stands still. */
export const yourStore = () =>
  redisStore(new Redis(process.env.REDIS_URL), { sharedClock: false, nowMs: () => Date.now() });
