// The store in a real PostgreSQL, with every client.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import pg from "pg";

import { memoryStore } from "tandem-jwt/session";
import { conformance } from "tandem-jwt/stores/conformance";
import { migratePostgres, postgresSchema, postgresStore } from "tandem-jwt/stores/postgres";

import { snippets } from "../docs/snippets.mjs";
import { migrated, POSTGRES } from "./clients.mjs";
import { startPostgres } from "./servers.mjs";
import { testStore, two } from "./suite.mjs";

const server = await startPostgres();
const pool = new pg.Pool({ connectionString: server.url, max: 8 }).on("error", () => {});
after(async () => {
  await pool.end();
  await server.stop();
});
await migrated(server);

for (const [name, clients] of Object.entries(POSTGRES)) {
  describe(name, () => {
    const opened = clients(server);
    after(() => opened.close());
    testStore(two(opened), { lacks: ["transact"], interleavings: name === "pg" ? 1_000 : 200 });
  });
}

test("under the strictest isolation too", async () => {
  const strict = new pg.Pool({
    connectionString: server.url,
    max: 8,
    options: "-c default_transaction_isolation=serializable",
  }).on("error", () => {});
  try {
    for (const { name, run } of conformance(() => postgresStore(strict), { interleavings: 100, parallel: 1 })) {
      if (/at once|interleavings/.test(name)) await run();
    }
  } finally {
    await strict.end();
  }
});

test("the tables are made once, by however many servers", async () => {
  const prefix = "shop_";
  await Promise.all(Array.from({ length: 8 }, () => migratePostgres(pool, { prefix })));
  await migratePostgres(pool, { prefix });
  const { rows } = await pool.query("SELECT tablename FROM pg_tables WHERE tablename LIKE 'shop%' ORDER BY 1");
  assert.deepEqual(
    rows.map(({ tablename }) => tablename),
    ["shop_epoch", "shop_proof", "shop_session"],
  );
  const store = postgresStore(pool, { prefix });
  const key = { iss: "i", sub: "s", sid: "a" };
  assert.equal(await store.create(key, Uint8Array.of(1), { expiresAt: 1, active: true }), true);
  assert.equal(await postgresStore(pool).load(key), null);
});

test("a sweep takes a clock with fractions, and proofs sweep themselves", async () => {
  const store = postgresStore(pool);
  const now = Date.now() / 1000;
  assert.equal(typeof (await store.sweep(now + 0.5, 10)), "number");
  const count = async () =>
    Number((await pool.query("SELECT count(*) FROM tandem_proof WHERE id LIKE 'old %'")).rows[0].count);
  for (const at of [1, 2, 3, 4, 5])
    await pool.query("INSERT INTO tandem_proof VALUES ($1, $2)", [`old ${at}`, Math.floor(now) - at]);
  assert.equal(await store.firstUse({ iss: "i", sub: "s" }, "new", Math.floor(now) + 60), true);
  assert.equal(await count(), 2);
  assert.equal(await store.firstUse({ iss: "i", sub: "s" }, "new", Math.floor(now) + 60), false);
  assert.equal(await count(), 0);
});

test("the schema in the docs is the one that is made", () => {
  const [{ code }] = snippets("docs/stores.md", "sql");
  const plain = (sql) =>
    sql
      .replaceAll("IF NOT EXISTS ", "")
      .replace(/^SELECT.*$/m, "")
      .replace(/\s+/g, " ")
      .replace(/ ?([(),;]) ?/g, "$1")
      .trim();
  assert.equal(plain(code), plain(postgresSchema()));
});

test("a prefix that could be more than a name is refused", () => {
  for (const prefix of ["", "a b", "x;", 'a"', "A", "1", "ä", "x".repeat(41), null, 5]) {
    assert.throws(() => postgresSchema({ prefix }), { name: "TypeError", message: /prefix/ }, String(prefix));
    assert.throws(() => postgresStore(pool, { prefix }), { name: "TypeError" }, String(prefix));
  }
});

test("what is no client is refused", () => {
  for (const client of [{}, memoryStore(), { query: 1 }, { unsafe: true }])
    assert.throws(() => postgresStore(client), { name: "TypeError", message: /npm pg/ });
  assert.throws(() => postgresStore(pool, { timeout: 0 }), { name: "TypeError", message: /^timeout/ });
});
