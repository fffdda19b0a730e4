// The store in a real Redis, with every client.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import Redis from "ioredis";

import { redisStore } from "tandem-jwt/stores/redis";

import { REDIS } from "./clients.mjs";
import { startRedis } from "./servers.mjs";
import { testStore, two } from "./suite.mjs";

const redis = await startRedis();
after(() => redis.stop());

for (const [name, clients] of Object.entries(REDIS)) {
  describe(name, () => {
    const opened = clients(redis);
    after(() => opened.close());
    testStore(two(opened), { lacks: ["transact", "sweep"], interleavings: name === "redis 6" ? 2_000 : 200 });
  });
}

test("what is no client, or no option, is refused", () => {
  const client = { callBuffer: async () => null };
  for (const wrong of [{}, { sendCommand: 1 }, { query() {} }])
    assert.throws(() => redisStore(wrong), { name: "TypeError", message: /redis or ioredis/ });
  for (const [options, message] of [
    [{ prefix: "a{b}" }, /^prefix/],
    [{ prefix: 5 }, /^prefix/],
    [{ replicas: -1 }, /^replicas/],
    [{ replicas: 1.5 }, /^replicas/],
    [{ replicaTimeout: 0 }, /^replicaTimeout/],
    [{ timeout: Infinity }, /^timeout/],
  ]) {
    assert.throws(() => redisStore(client, options), { name: "TypeError", message }, JSON.stringify(options));
  }
});

test("all keys of a user are in one slot, go in time, and an epoch goes last", async () => {
  const client = new Redis(redis.port, redis.host);
  const store = redisStore(client, { prefix: "shop:" });
  const now = Math.floor(Date.now() / 1000);
  const subject = { iss: "https://{id}.example", sub: "ada}{" };
  try {
    await store.bumpEpoch(subject);
    await store.create({ ...subject, sid: "short" }, Uint8Array.of(1), { expiresAt: now + 60, active: true });
    await store.create({ ...subject, sid: "long" }, Uint8Array.of(2), { expiresAt: now + 90 * 86_400, active: true });
    const keys = (await client.keys("shop:*")).sort();
    assert.deepEqual(
      keys.map((key) => key.split("}:")[1]),
      ["epoch", "list", "s:long", "s:short"],
    );
    // Redis uses the text between the first opening brace and the next closing one.
    assert.deepEqual(
      new Set(keys.map((key) => /\{([^}]*)\}/.exec(key)[1])),
      new Set(["https%3A%2F%2F%7Bid%7D.example/ada%7D%7B"]),
    );
    const left = await Promise.all(keys.map((key) => client.ttl(key)));
    const about = (seconds, expected) =>
      assert.ok(Math.abs(seconds - expected) < 60, `${seconds}, expected ${expected}`);
    const HOUR = 3_600;
    for (const at of [0, 1, 2]) about(left[at], 90 * 86_400 + HOUR);
    about(left[3], 60 + HOUR);
    // A change keeps it as long: rows that it ended are still there.
    await store.bumpEpoch(subject, "long");
    about(await client.ttl(keys[0]), 90 * 86_400 + HOUR);
  } finally {
    client.disconnect();
  }
});

test("an epoch without sessions is kept for a day", async () => {
  const client = new Redis(redis.port, redis.host);
  try {
    await redisStore(client, { prefix: "young:" }).bumpEpoch({ iss: "i", sub: "s" });
    const [key] = await client.keys("young:*");
    assert.ok(Math.abs((await client.ttl(key)) - 86_400) < 60);
  } finally {
    client.disconnect();
  }
});
