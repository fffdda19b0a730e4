// What real servers do to sessions: they go away, come back empty, or respond slowly; and our own servers die halfway.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { migrated, POSTGRES, REDIS } from "./clients.mjs";
import { cookie, generationOf, SECRET, sessionsOver, until } from "./faults-bed.mjs";
import { startPostgres, startRedis } from "./servers.mjs";

const redis = await startRedis("--appendonly", "yes", "--appendfsync", "always");
const postgres = await startPostgres();
await migrated(postgres);
after(async () => {
  await redis.stop();
  await postgres.stop();
});

const KINDS = [
  ["redis 6", redis, REDIS],
  ["ioredis 6", redis, REDIS],
  ["pg", postgres, POSTGRES],
  ["postgres", postgres, POSTGRES],
];

for (const [client, server, kinds] of KINDS) {
  describe(client, () => {
    const opened = kinds[client](server, { timeout: 1_000 });
    let store;
    before(async () => {
      store = await opened.store();
    });
    after(() => opened.close());

    function bed({ over = {}, ...more } = {}) {
      const events = [];
      const sub = randomUUID();
      const sessions = sessionsOver({ ...store, ...over }, (event) => events.push(event), more);
      return {
        sessions,
        sub,
        events,
        signIn: () => sessions.issue({ sub, ...cookie }),
        refresh: (token) => sessions.refresh(token, cookie),
      };
    }

    test("a thousand refreshes of one token at once are one rotation, and everyone stays signed in", async () => {
      // All wait for the same few connections: this tests who wins, not how fast.
      const patient = kinds[client](server, { timeout: 60_000 });
      try {
        const { sessions, sub, events, signIn, refresh } = bed({ over: await patient.store() });
        const pair = await signIn();
        const answers = await Promise.all(
          Array.from({ length: 1_000 }, async () => {
            for (let tried = 0; tried < 50; tried++) {
              const answer = await refresh(pair.refresh);
              // The client is told to retry, and does.
              if (answer.ok || !answer.retryable) return answer;
            }
            throw new Error("one refresh found no end");
          }),
        );
        assert.ok(answers.every(({ ok }) => ok));
        // Null is "keep yours": a successor is handed out again in ten different seconds, and this may take more.
        const successors = new Set(
          answers.filter(({ refreshChanged }) => refreshChanged).map(({ refresh }) => refresh),
        );
        assert.deepEqual([...successors].map(generationOf), [1]);
        assert.equal(events.filter(({ type }) => type === "rotated").length, 1);
        assert.equal((await sessions.list(sub)).length, 1);
      } finally {
        await patient.close();
      }
    });

    test("a server that is down before the write: not now, and the same token is good afterwards", async () => {
      const { signIn, refresh, sessions, events } = bed();
      const pair = await signIn();
      await server.kill();
      assert.deepEqual(await refresh(pair.refresh), {
        ok: false,
        error: "temporarily_unavailable",
        status: 503,
        retryable: true,
        retryAfter: 1,
      });
      assert.equal((await sessions.verify(pair.access)).ok, true);
      await assert.rejects(() => sessions.revoke(pair.refresh), { code: "ERR_STORE_UNAVAILABLE" });
      await server.start();
      const next = await until(
        () => refresh(pair.refresh),
        ({ ok }) => ok,
      );
      assert.ok(["rotated", "grace"].includes(next.outcome), next.outcome);
      for (const text of [
        ...events.filter(({ type }) => type === "store_failed").map(({ cause }) => `${cause} ${JSON.stringify(cause)}`),
      ]) {
        assert.ok(!text.includes(SECRET) && !text.includes(pair.refresh));
      }
    });

    test("a server that goes down during the write: a retry is safe, whichever way it went", async () => {
      let dying;
      const over = {
        compareAndSet: async (...all) => {
          // The statement is sent, and the server ends, at the same time.
          const answer = store.compareAndSet(...all);
          dying ??= server.kill();
          return answer;
        },
      };
      const { sessions, sub, signIn, refresh } = bed();
      const pair = await signIn();
      const answer = await bed({ over }).refresh(pair.refresh);
      await dying;
      await server.start();
      const again = await until(
        () => refresh(pair.refresh),
        ({ ok }) => ok,
      );
      assert.ok(["rotated", "grace"].includes(again.outcome), again.outcome);
      if (answer.ok) assert.equal(again.refresh, answer.refresh);
      assert.equal((await sessions.list(sub)).length, 1);
    });

    test("a server that goes down after the write: the retry gets what the lost answer held", async () => {
      const over = {
        compareAndSet: async (...all) => {
          assert.equal(await store.compareAndSet(...all), true);
          await server.kill();
          throw new Error("connection lost");
        },
      };
      const { signIn, refresh } = bed();
      const pair = await signIn();
      assert.equal((await bed({ over }).refresh(pair.refresh)).error, "temporarily_unavailable");
      await server.start();
      const again = await until(
        () => refresh(pair.refresh),
        ({ ok }) => ok,
      );
      assert.equal(again.outcome, "grace");
    });

    test("a server that answers nobody is not waited for", async () => {
      const { signIn, refresh } = bed();
      const pair = await signIn();
      const release = await server.stall();
      const began = Date.now();
      try {
        assert.equal((await refresh(pair.refresh)).error, "temporarily_unavailable");
      } finally {
        await release();
      }
      assert.ok(Date.now() - began < 10_000);
      assert.equal(
        (
          await until(
            () => refresh(pair.refresh),
            ({ ok }) => ok,
          )
        ).ok,
        true,
      );
    });

    test("a clock of ours that steps back an hour changes nothing where the server's is used", async () => {
      let now = Math.floor(Date.now() / 1000);
      const { signIn, refresh, events } = bed({ now: () => now });
      const pair = await signIn();
      const next = await refresh(pair.refresh);
      now -= 3_600;
      assert.equal((await refresh(pair.refresh)).refresh, next.refresh);
      assert.equal((await refresh(next.refresh)).outcome, "debounced");
      assert.ok(!events.some(({ type }) => type === "clock_regression"));
    });

    test("a clock of ours that steps back an hour signs nobody out where it is used", async () => {
      const own = kinds[client](server, { sharedClock: false });
      try {
        let now = Math.floor(Date.now() / 1000);
        const { signIn, refresh, events } = bed({ over: await own.store(), now: () => now });
        const first = await signIn();
        const second = await refresh(first.refresh);
        now -= 3_600;
        assert.equal((await refresh(second.refresh)).outcome, "debounced");
        now += 31;
        const third = await refresh(second.refresh);
        assert.equal(third.outcome, "rotated");
        assert.ok(events.some(({ type }) => type === "clock_regression"));
        now += 3_600;
        assert.equal((await refresh(third.refresh)).outcome, "rotated");
      } finally {
        await own.close();
      }
    });

    test("a process killed in the middle of a refresh leaves sessions that go on", async () => {
      const { signIn, refresh } = bed();
      const pairs = [];
      for (let at = 0; at < 8; at++) pairs.push(await signIn());
      const { host, port, url } = server;
      const message = {
        client,
        server: { host, port, url },
        secret: SECRET,
        tokens: pairs.map(({ refresh }) => refresh),
        last: 5,
      };
      const program = fileURLToPath(new URL("refresher.mjs", import.meta.url));
      const child = spawn(process.execPath, [program, JSON.stringify(message)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const gone = once(child, "exit");
      await Promise.race([once(child.stdout, "data"), gone]);
      child.kill("SIGKILL");
      assert.deepEqual(await gone, [null, "SIGKILL"]);
      const outcomes = [];
      for (const pair of pairs) outcomes.push((await refresh(pair.refresh)).outcome);
      assert.deepEqual(outcomes, ["grace", "grace", "grace", "grace", "grace", "rotated", "rotated", "rotated"]);
    });
  });
}
