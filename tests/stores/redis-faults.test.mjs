// Redis when it loses its data, when its primary is lost, and in a cluster.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import Redis from "ioredis";
import { conformance } from "tandem-jwt/stores/conformance";

import { CLUSTERS, REDIS } from "./clients.mjs";
import { cookie, sessionsOver, until } from "./faults-bed.mjs";
import { startRedis } from "./servers.mjs";

describe("Redis that comes back empty", () => {
  let server;
  let opened;
  before(async () => {
    server = await startRedis();
    opened = REDIS["redis 6"](server, { timeout: 1_000 });
  });
  after(async () => {
    await opened.close();
    await server.stop();
  });

  test("gives no tokens to anyone, and it is heard of", async () => {
    const events = [];
    const sessions = sessionsOver(await opened.store(), ({ type }) => events.push(type));
    const pair = await sessions.issue({ sub: "ada", ...cookie });
    const ended = await sessions.issue({ sub: "ada", ...cookie });
    await sessions.revoke(ended.refresh);
    await sessions.revokeAll("ada", { except: pair.sid });
    await server.kill();
    await server.start();
    const answer = await until(
      () => sessions.refresh(pair.refresh, cookie),
      ({ error }) => error !== "temporarily_unavailable",
    );
    assert.deepEqual(answer, { ok: false, error: "invalid_grant", status: 400, retryable: false });
    assert.equal((await sessions.refresh(ended.refresh, cookie)).error, "invalid_grant");
    assert.equal((await sessions.verify(pair.access, { checkSession: true })).ok, false);
    assert.ok(events.includes("regression"));
    // Sign-in works at once: the scripts are sent to Redis again.
    const fresh = await sessions.issue({ sub: "ada", ...cookie });
    assert.equal((await sessions.refresh(fresh.refresh, cookie)).outcome, "rotated");
  });
});

describe("Redis with a replica", () => {
  const options = { replicas: 1, replicaTimeout: 10_000, timeout: 10_000 };
  let primary;
  let replica;
  let opened;
  before(async () => {
    primary = await startRedis("--repl-diskless-sync-delay", "0");
    replica = await startRedis("--replicaof", primary.host, String(primary.port));
    // A replica is connected for up to a second before it acknowledges anything.
    const client = new Redis(primary.port, primary.host);
    await until(
      async () => [await client.set("probe", "1"), await client.wait(1, 1_000)],
      ([, reached]) => reached === 1,
    );
    client.disconnect();
    opened = REDIS["redis 6"](primary, options);
  });
  after(async () => {
    await opened.close();
    await replica.stop();
    await primary.stop();
  });

  test("a store says whether a sign-out survives the primary", async () => {
    assert.equal((await opened.store()).durable, true);
    const plain = REDIS["redis 6"](primary);
    assert.equal((await plain.store()).durable, false);
    await plain.close();
  });

  test("a sign-out that was acknowledged survives the loss of the primary", async () => {
    const sessions = sessionsOver(await opened.store());
    const [pair, other] = [
      await sessions.issue({ sub: "ada", ...cookie }),
      await sessions.issue({ sub: "alan", ...cookie }),
    ];
    assert.equal(await sessions.revoke(pair.refresh), true);
    await sessions.revokeAll("alan");
    await primary.kill();
    await replica.say("REPLICAOF", "NO", "ONE");
    const promoted = REDIS["ioredis 6"](replica);
    try {
      const elsewhere = sessionsOver(await promoted.store());
      for (const { refresh } of [pair, other])
        assert.equal((await elsewhere.refresh(refresh, cookie)).error, "invalid_grant");
      assert.deepEqual(await elsewhere.list("alan"), []);
    } finally {
      await promoted.close();
      await primary.start();
    }
  });

  test("a sign-out that no replica has is not said to be done, however often it is asked for", async () => {
    await replica.say("REPLICAOF", "NO", "ONE");
    const impatient = REDIS["redis 6"](primary, { ...options, replicaTimeout: 200 });
    const sessions = sessionsOver(await impatient.store());
    const pair = await sessions.issue({ sub: "ada", ...cookie });
    for (let asked = 0; asked < 2; asked++) {
      await assert.rejects(
        () => sessions.revoke(pair.refresh),
        ({ code, cause }) => code === "ERR_STORE_UNAVAILABLE" && /reached 0 of 1 replicas/.test(cause.message),
      );
    }
    await assert.rejects(() => sessions.revokeAll("ada"), { code: "ERR_STORE_UNAVAILABLE" });
    assert.equal((await sessions.refresh(pair.refresh, cookie)).ok, false);
    await impatient.close();
  });
});

describe("a cluster of Redis", () => {
  let server;
  before(async () => {
    server = await startRedis("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
    await server.say("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await until(
      () => server.say("CLUSTER", "INFO"),
      (text) => text.includes("cluster_state:ok"),
    );
  });
  after(() => server.stop());

  for (const [client, clients] of Object.entries(CLUSTERS)) {
    test(`${client} keeps the contract`, async () => {
      const opened = clients(server);
      try {
        const store = await opened.store();
        for (const { run } of conformance(() => store, { interleavings: 50 })) await run();
      } finally {
        await opened.close();
      }
    });

    test(`${client} cannot wait for replicas, and says so`, async () => {
      const opened = clients(server, { replicas: 1 });
      await assert.rejects(() => opened.store(), { name: "TypeError", message: /cluster/ });
      await opened.close();
    });
  }
});
