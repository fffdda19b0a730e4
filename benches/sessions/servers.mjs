// Redis and PostgreSQL, filled in bulk by their own means.

import Redis from "ioredis";
import pg from "pg";
import { postgresStore } from "tandem-jwt/stores/postgres";
import { redisStore } from "tandem-jwt/stores/redis";

import { migrated } from "../../tests/stores/clients.mjs";
import { startPostgres, startRedis } from "../../tests/stores/servers.mjs";
import { grow, ISSUER, sampleOf } from "./drive.mjs";

/** Rows as the store's script for a new session makes them, so many at a call. */
const FILL_REDIS = `
for at = ARGV[1], ARGV[2] - 1 do
  local tag = 'tandem:{' .. ARGV[5] .. '/user%20' .. at .. '}:'
  local row, list = tag .. 's:session ' .. at, tag .. 'list'
  redis.call('HSET', row, 'r', ARGV[3], 'v', 1, 'a', 1)
  redis.call('PEXPIREAT', row, ARGV[4])
  redis.call('ZADD', list, ARGV[4], 'session ' .. at)
  redis.call('PEXPIREAT', list, ARGV[4])
end`;

export async function redis({ sizes, refreshes }) {
  const server = await startRedis("--appendonly", "yes", "--appendfsync", "everysec");
  const client = new Redis(server.port, server.host);
  try {
    const { record, expiresAt } = await sampleOf(redisStore(client));
    await client.flushall();
    const used = async () => Number(/used_memory:(\d+)/.exec(await client.info("memory"))[1]);
    async function fill(from, to) {
      for (let at = from; at < to; at += 5_000) {
        const due = expiresAt * 1000 + 3_600_000;
        const end = Math.min(at + 5_000, to);
        await client.eval(FILL_REDIS, 0, at, end, Buffer.from(record), due, encodeURIComponent(ISSUER));
      }
    }
    // The clock of the sessions runs ahead of Redis's.
    return await grow(redisStore(client, { sharedClock: false }), { sizes, refreshes, fill, used });
  } finally {
    client.disconnect();
    await server.stop();
  }
}

export async function postgres({ sizes, refreshes }) {
  const server = await startPostgres("-c", "fsync=on");
  // Idle connections tell of their end by events that would end this process.
  const pool = new pg.Pool({ connectionString: server.url, max: 8 }).on("error", () => {});
  try {
    await migrated(server);
    const { record, expiresAt } = await sampleOf(postgresStore(pool));
    await pool.query("TRUNCATE tandem_session");
    async function used() {
      return Number((await pool.query("SELECT pg_total_relation_size('tandem_session') AS size")).rows[0].size);
    }
    async function fill(from, to) {
      const rows = `SELECT $1, 'user ' || n, 'session ' || n, $2, 1, $3, true FROM generate_series($4::bigint, $5) n`;
      const values = [ISSUER, Buffer.from(record), expiresAt, from, to - 1];
      await pool.query(
        `INSERT INTO tandem_session (iss, sub, sid, record, version, expires_at, active) ${rows}`,
        values,
      );
      await pool.query("VACUUM ANALYZE tandem_session");
      // What the filling leaves to be written would else be written during the refreshes.
      await pool.query("CHECKPOINT");
    }
    return await grow(postgresStore(pool, { sharedClock: false }), { sizes, refreshes, fill, used });
  } finally {
    await pool.end();
    await server.stop();
  }
}
