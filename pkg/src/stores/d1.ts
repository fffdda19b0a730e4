/**
 * Sessions in D1, Cloudflare's SQLite.
 *
 * A session is one row, and each operation on it one statement, because a D1 batch cannot branch. Durable Objects are
 * closer to the user; D1 keeps all sessions in one database.
 */

import type { SessionStore } from "../session/store.js";
import { bounded, integer, prefixOf } from "./limits.js";
import { PAGE, pageOf } from "./page.js";
import { type Dialect, epochOf, type SqlRow, sessionStatements } from "./sql.js";

/** A binding to a D1 database, typed for any version of Cloudflare's types. */
export interface D1 {
  prepare(sql: string): any;
  batch(statements: any[]): Promise<any>;
  /** Missing in runtimes from before D1 had read replicas. The binding itself then uses the primary. */
  withSession?(constraint?: any): { prepare(sql: string): any };
}

/** The options of the D1 store. */
export interface D1StoreOptions {
  /** The prefix of the table names: lower-case letters, digits and underscores. Default `"tandem_"`. */
  prefix?: string | undefined;
  /** The clock for epochs, in milliseconds since 1970. Default: the database's. */
  nowMs?: (() => number) | undefined;
}

/** The statements that create the tables, for a wrangler migration. Running them again changes nothing. */
export function d1Schema({ prefix }: Pick<D1StoreOptions, "prefix"> = {}): string {
  return `${tablesOf(prefixOf(prefix)).join(";\n")};\n`;
}

/** Creates the tables if they do not exist. */
export async function migrateD1(database: D1, { prefix }: Pick<D1StoreOptions, "prefix"> = {}): Promise<void> {
  await database.batch(tablesOf(prefixOf(prefix)).map((sql) => database.prepare(sql)));
}

/** The store of `createSessions` over a D1 database. Throws a `TypeError` if an option is wrong. */
export function d1Store(
  database: D1,
  options: D1StoreOptions = {},
): SessionStore & Required<Pick<SessionStore, "sweep" | "firstUse">> {
  const { nowMs } = options;
  const prefix = prefixOf(options.prefix);
  const sql = statementsOf(`${prefix}session`, `${prefix}epoch`, `${prefix}proof`);

  /**
   * Asks the primary: a replica's record may be stale, and an honest user would look like a thief. Values are always
   * bound, never concatenated into the statement, because names come from outside.
   */
  async function run(statement: string, ...values: unknown[]): Promise<SqlRow[]> {
    const primary = database.withSession?.("first-primary") ?? database;
    const { results } = (await primary
      .prepare(statement)
      .bind(...values)
      .all()) as { results: SqlRow[] };
    return results;
  }

  return {
    consistency: "linearizable",
    durable: true,

    async create({ iss, sub, sid }, record, { expiresAt, active }) {
      return (await run(sql.create, iss, sub, sid, bounded(record), expiresAt, Number(active))).length === 1;
    },

    async load({ iss, sub, sid }) {
      const [row] = await run(sql.load, iss, sub, sid);
      return row === undefined
        ? null
        : {
            record: bytes(row.record),
            version: Number(row.version),
            epoch: { ...epochOf(row), clock: nowMs?.() ?? Number(row.clock) },
          };
    },

    async compareAndSet({ iss, sub, sid }, version, record, { expiresAt, active }) {
      const written = await run(sql.compareAndSet, iss, sub, sid, version, bounded(record), expiresAt, Number(active));
      return written.length === 1;
    },

    async bumpEpoch({ iss, sub }, keep) {
      // Null leaves the time to the database, whose clock all Workers share.
      const [row] = await run(sql.bumpEpoch, iss, sub, nowMs === undefined ? null : Math.floor(nowMs()), keep ?? null);
      return Number(row?.value);
    },

    async list(iss, sub, cursor) {
      // Every sid is greater than the empty text, so the first page starts there. One row more than a page shows
      // whether there is another page.
      const rows = await run(sql.list, iss, sub, cursor ?? "", PAGE + 1);
      const sessions = rows.filter((row) => row.sid !== null);
      return pageOf(
        sessions,
        epochOf(rows[0]),
        (row) => bytes(row.record),
        (row) => row.sid,
      );
    },

    async firstUse(_, id, until) {
      // The identifier alone is the key. It is a hash of the client's key and the proof's `jti`, so it is unique across
      // all users.
      const isFirst = (await run(sql.firstUse, id, until)).length === 1;
      // Each use deletes a few expired proofs, so that no sweep is needed. The current proof is already used up: if a
      // failed deletion refused it, the client's retry would be refused as well.
      if (isFirst) await run(sql.dropProofs, Math.floor((nowMs ?? Date.now)() / 1000)).catch(() => undefined);
      return isFirst;
    },

    /** The statement returns one row per deleted session, so the limit also bounds the result. */
    async sweep(now, limit) {
      return (await run(sql.sweep, now, integer("limit", limit, 1, 10_000))).length;
    },
  };
}

/**
 * The tables and their indexes. WITHOUT ROWID stores each row in its primary key's tree, so that a lookup searches one
 * tree instead of two. `active` is for your own queries: no statement here reads it. Sweeps use the indexes on
 * `expires_at`.
 */
function tablesOf(prefix: string): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${prefix}session (
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  sid TEXT NOT NULL,
  record BLOB NOT NULL,
  version INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  active INTEGER NOT NULL,
  PRIMARY KEY (iss, sub, sid)
) WITHOUT ROWID`,
    `CREATE INDEX IF NOT EXISTS ${prefix}session_expires_at ON ${prefix}session (expires_at)`,
    `CREATE TABLE IF NOT EXISTS ${prefix}epoch (
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  value INTEGER NOT NULL,
  keep TEXT,
  kept_from INTEGER,
  PRIMARY KEY (iss, sub)
) WITHOUT ROWID`,
    `CREATE TABLE IF NOT EXISTS ${prefix}proof (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID`,
    `CREATE INDEX IF NOT EXISTS ${prefix}proof_expires_at ON ${prefix}proof (expires_at)`,
  ];
}

/**
 * SQLite's clock counts days, and 1970 begins at day 2,440,587.5. A double holds that number to about 0.04 ms, so
 * rounding gives the exact millisecond.
 */
const SQLITE: Dialect = {
  parameter: (number) => `?${number}`,
  clock: "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
};

function statementsOf(session: string, epoch: string, proof: string) {
  return {
    ...sessionStatements(session, epoch, SQLITE),
    // The rule of `nextEpoch` in SQL, so that one statement reads and writes. A new value is at least 1, because 0
    // means that nothing was ever revoked and is the epoch of sessions from before the first bump. Right-hand sides
    // refer to the row before the update.
    bumpEpoch: `
      INSERT INTO ${epoch} (iss, sub, value, keep, kept_from)
      VALUES (?1, ?2, max(1, coalesce(?3, ${SQLITE.clock})), ?4, CASE WHEN ?4 IS NULL THEN NULL ELSE 0 END)
      ON CONFLICT (iss, sub) DO UPDATE SET
        value = max(${epoch}.value + 1, coalesce(?3, ${SQLITE.clock})),
        keep = ?4,
        kept_from = CASE WHEN ?4 IS NULL THEN NULL WHEN ${epoch}.keep = ?4 THEN ${epoch}.kept_from ELSE ${epoch}.value END
      RETURNING value`,
    // Ordered by sid, which never changes, so that rows inserted or deleted between two pages cause no duplicates or
    // gaps. A subject without sessions yields one row with only the epoch.
    list: `
      SELECT s.sid, s.record, e.value, e.keep, e.kept_from
      FROM (SELECT ?1 AS iss, ?2 AS sub) u
      LEFT JOIN ${epoch} e ON e.iss = u.iss AND e.sub = u.sub
      LEFT JOIN (
        SELECT sid, record FROM ${session} WHERE iss = ?1 AND sub = ?2 AND sid > ?3 ORDER BY sid LIMIT ?4
      ) s ON true
      ORDER BY s.sid`,
    // The oldest go first, so that sweeps that fall behind still reach every row.
    sweep: `
      DELETE FROM ${session} WHERE (iss, sub, sid) IN (
        SELECT iss, sub, sid FROM ${session} WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2
      ) RETURNING 1 AS one`,
    // Only an insert that takes effect returns a row, so of two concurrent uses only one is the first.
    firstUse: `INSERT INTO ${proof} (id, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING RETURNING 1 AS one`,
    // Each use adds one proof and deletes up to three, so a backlog shrinks at little cost per request.
    dropProofs: `DELETE FROM ${proof} WHERE id IN (SELECT id FROM ${proof} WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 3)`,
  };
}

/** D1 returns a blob as an array of numbers. */
function bytes(value: unknown): Uint8Array {
  return Uint8Array.from(value as ArrayLike<number>);
}
