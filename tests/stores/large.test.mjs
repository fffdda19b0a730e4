// A million sessions in PostgreSQL: no operation of the store reads more of them than necessary.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import pg from "pg";

import { migratePostgres, postgresStore } from "tandem-jwt/stores/postgres";

import { startPostgres } from "./servers.mjs";

const ROWS = 1_000_000;
const iss = "https://id.example";
const now = Math.floor(Date.now() / 1000);

let server;
let pool;
before(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: server.url, max: 4 }).on("error", () => {});
  await migratePostgres(pool);
  // Five sessions per user; one in a hundred has expired.
  await pool.query(`
    INSERT INTO tandem_session (iss, sub, sid, record, version, expires_at, active)
    SELECT '${iss}', 'user ' || lpad((n / 5)::text, 8, '0'), 'session ' || n, decode(repeat('a7', 300), 'hex'), 1 + n % 50, ${now} + 86400 * (n % 100) - 86400, true
    FROM generate_series(0, ${ROWS - 1}) n`);
  await pool.query(`
    INSERT INTO tandem_proof (id, expires_at) SELECT md5(n::text) || lpad(n::text, 11, '0'), ${now} + n % 1000 - 10 FROM generate_series(1, ${ROWS / 5}) n`);
  await pool.query("ANALYZE tandem_session, tandem_proof");
});
after(async () => {
  await pool.end();
  await server.stop();
});

/** How the statements of a call are executed: each with its plan, and the number of 8 KB pages that it touched. */
async function plansOf(call) {
  const plans = [];
  await call(
    postgresStore({
      query: async (sql, values) => {
        const {
          rows: [
            {
              "QUERY PLAN": [plan],
            },
          ],
        } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`, values);
        const { Plan } = plan;
        plans.push({ text: JSON.stringify(Plan), pages: Plan["Shared Hit Blocks"] + Plan["Shared Read Blocks"] });
        return { rows: [] };
      },
    }),
  );
  return plans;
}

const key = { iss, sub: "user 00012345", sid: "session 61727" };
const index = { expiresAt: now + 14 * 86_400, active: true };

for (const [name, call, by, pages] of [
  ["a load", (store) => store.load(key), "tandem_session_pkey", 20],
  ["a write", (store) => store.compareAndSet(key, 28, Uint8Array.of(1), index), "tandem_session_pkey", 60],
  ["a proof", (store) => store.firstUse(key, "p".repeat(43), now + 120), "tandem_proof_expires_at", 60],
  ["a list", (store) => store.list(iss, key.sub), "tandem_session_pkey", 40],
  ["a sweep of 500 rows", (store) => store.sweep(now, 500), "tandem_session_expires_at", 5_000],
  ["a sweep that finds nothing", (store) => store.sweep(now - 365 * 86_400, 500), "tandem_session_expires_at", 20],
]) {
  test(`${name} is on an index and touches few pages`, async (t) => {
    const [plan, ...others] = await plansOf(call);
    assert.deepEqual(others, []);
    assert.ok(plan.text.includes(by), plan.text);
    assert.doesNotMatch(plan.text, /"Seq Scan"/);
    assert.ok(plan.pages <= pages, `${plan.pages} pages`);
    t.diagnostic(`${plan.pages} pages of about ${Math.round(ROWS / 17)}`);
  });
}

test("the rows are there, and swept so many at a time", async () => {
  const store = postgresStore(pool);
  assert.equal((await store.list(iss, "user 00000001")).records.length, 5);
  const count = async () =>
    Number((await pool.query("SELECT count(*) FROM tandem_session WHERE expires_at <= $1", [now])).rows[0].count);
  const expired = await count();
  assert.ok(expired > 5_000, `${expired} have expired`);
  assert.equal(await store.sweep(now, 1_000), 1_000);
  assert.equal(await count(), expired - 1_000);
  // Two servers that sweep at once take different rows.
  const both = await Promise.all([store.sweep(now, 1_000), store.sweep(now, 1_000)]);
  assert.deepEqual(both, [1_000, 1_000]);
  assert.equal(await count(), expired - 3_000);
});

test("refreshes leave the indexes alone", async () => {
  const store = postgresStore(pool);
  const before = await updates();
  const refreshed = { ...key, sub: "user 00100000", sid: "session 500000" };
  const { version } = await store.load(refreshed);
  const midnight = Math.ceil(now / 86_400) * 86_400 + 13 * 86_400;
  // The first refresh may move the expiry to another day; later ones stay within that day.
  for (let at = 0; at < 200; at++) {
    assert.equal(
      await store.compareAndSet(refreshed, version + at, new Uint8Array(300).fill(at), {
        expiresAt: midnight + 1 + at * 60,
        active: true,
      }),
      true,
    );
  }
  const since = await updates(before.all + 200);
  const [all, hot] = [since.all - before.all, since.hot - before.hot];
  assert.ok(hot >= all * 0.9, `${hot} of ${all}`);
});

/** Updates so far, and how many of them changed no index; PostgreSQL counts them a little later. */
async function updates(atLeast = 0) {
  for (let tried = 0; ; tried++) {
    const {
      rows: [row],
    } = await pool.query(
      "SELECT n_tup_upd AS all, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relname = 'tandem_session'",
    );
    const counted = { all: Number(row.all), hot: Number(row.hot) };
    if (counted.all >= atLeast || tried === 100) return counted;
    await pause(100);
  }
}
