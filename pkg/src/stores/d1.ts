/**
 * Sessions in D1, Cloudflare's SQLite.
 *
 * A session is one row, and each operation on it one statement: D1's batches cannot decide anything on the way. Where
 * the edge has Durable Objects, those are nearer to the user; D1 is for those who want all sessions in one database.
 */

import type { Page, SessionStore, SubjectEpoch } from "../session/store.js";
import { bounded, PAGE, prefixOf, whole } from "./limits.js";

/** A binding to a D1 database, with whichever types of Cloudflare's the application has. */
export interface D1 {
  prepare(sql: string): any;
  batch(statements: any[]): Promise<any>;
  withSession?(constraint?: any): { prepare(sql: string): any };
}

/** How sessions are kept in D1. */
export interface D1StoreOptions {
  /** What the names of the tables begin with: small letters, digits and underscores. Default `"tandem_"`. */
  prefix?: string | undefined;
  /** The clock that epochs are made from, in milliseconds since 1970. Default: that of the database. */
  nowMs?: (() => number) | undefined;
}

/** The statements that make the tables, for a migration of wrangler's. They may run again at any time. */
export function d1Schema({ prefix }: Pick<D1StoreOptions, "prefix"> = {}): string {
  return `${tablesOf(prefixOf(prefix)).join(";\n")};\n`;
}

/** Makes the tables unless they are there. */
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

  /** Of the primary: a replica's record may be old, and an honest user would look like a thief. */
  async function run(statement: string, ...values: unknown[]): Promise<Row[]> {
    const primary = database.withSession?.("first-primary") ?? database;
    const { results } = (await primary
      .prepare(statement)
      .bind(...values)
      .all()) as { results: Row[] };
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
            epoch: { ...epochFrom(row), clock: nowMs?.() ?? Number(row.clock) },
          };
    },

    async compareAndSet({ iss, sub, sid }, version, record, { expiresAt, active }) {
      const written = await run(sql.compareAndSet, bounded(record), expiresAt, Number(active), iss, sub, sid, version);
      return written.length === 1;
    },

    async bumpEpoch({ iss, sub }, keep) {
      const [row] = await run(sql.bumpEpoch, iss, sub, nowMs === undefined ? null : Math.floor(nowMs()), keep ?? null);
      return Number(row?.value);
    },

    async list(iss, sub, cursor) {
      const rows = await run(sql.list, iss, sub, cursor ?? "", PAGE + 1);
      const shown = rows.slice(0, PAGE).filter((row) => row.sid !== null);
      const page: Page = { records: shown.map((row) => bytes(row.record)), epoch: epochFrom(rows[0]) };
      const last = shown.at(-1);
      return rows.length > PAGE && last !== undefined ? { ...page, cursor: String(last.sid) } : page;
    },

    async firstUse(_, id, until) {
      const isFirst = (await run(sql.firstUse, id, until)).length === 1;
      // A few of those that are over go along, so that there is nothing to sweep.
      if (isFirst) await run(sql.dropProofs, Math.floor((nowMs ?? Date.now)() / 1000));
      return isFirst;
    },

    async sweep(now, limit) {
      return (await run(sql.sweep, now, whole("limit", limit, 1, 10_000))).length;
    },
  };
}

type Row = Record<string, unknown>;

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

/** Milliseconds since 1970. */
const CLOCK = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

// RETURNING and not the count of changes, in which D1's own bookkeeping may have a part.
function statementsOf(session: string, epoch: string, proof: string) {
  return {
    create: `
      INSERT INTO ${session} (iss, sub, sid, record, version, expires_at, active) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
      ON CONFLICT DO NOTHING RETURNING 1 AS one`,
    load: `
      SELECT s.record, s.version, e.value, e.keep, e.kept_from, ${CLOCK} AS clock
      FROM ${session} s LEFT JOIN ${epoch} e ON e.iss = s.iss AND e.sub = s.sub
      WHERE s.iss = ?1 AND s.sub = ?2 AND s.sid = ?3`,
    compareAndSet: `
      UPDATE ${session} SET record = ?1, version = version + 1, expires_at = ?2, active = ?3
      WHERE iss = ?4 AND sub = ?5 AND sid = ?6 AND version = ?7 RETURNING 1 AS one`,
    // What stands on the right is the row as it was.
    bumpEpoch: `
      INSERT INTO ${epoch} (iss, sub, value, keep, kept_from)
      VALUES (?1, ?2, max(1, coalesce(?3, ${CLOCK})), ?4, CASE WHEN ?4 IS NULL THEN NULL ELSE 0 END)
      ON CONFLICT (iss, sub) DO UPDATE SET
        value = max(${epoch}.value + 1, coalesce(?3, ${CLOCK})),
        keep = ?4,
        kept_from = CASE WHEN ?4 IS NULL THEN NULL WHEN ${epoch}.keep = ?4 THEN ${epoch}.kept_from ELSE ${epoch}.value END
      RETURNING value`,
    // In the order of the names, for it never changes: what comes or goes between two pages repeats and hides no other.
    // Without sessions there is one row that has the epoch alone.
    list: `
      SELECT s.sid, s.record, e.value, e.keep, e.kept_from
      FROM (SELECT ?1 AS iss, ?2 AS sub) u
      LEFT JOIN ${epoch} e ON e.iss = u.iss AND e.sub = u.sub
      LEFT JOIN (
        SELECT sid, record FROM ${session} WHERE iss = ?1 AND sub = ?2 AND sid > ?3 ORDER BY sid LIMIT ?4
      ) s ON true
      ORDER BY s.sid`,
    sweep: `
      DELETE FROM ${session} WHERE (iss, sub, sid) IN (
        SELECT iss, sub, sid FROM ${session} WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2
      ) RETURNING 1 AS one`,
    firstUse: `INSERT INTO ${proof} (id, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING RETURNING 1 AS one`,
    dropProofs: `DELETE FROM ${proof} WHERE id IN (SELECT id FROM ${proof} WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 3)`,
  };
}

/** D1 gives a blob as an array of numbers. */
function bytes(value: unknown): Uint8Array {
  return Uint8Array.from(value as ArrayLike<number>);
}

function epochFrom(row: Row | undefined): SubjectEpoch {
  if (row === undefined || typeof row.value !== "number") return { value: 0 };
  if (typeof row.keep !== "string") return { value: row.value };
  return { value: row.value, keep: row.keep, keptFrom: Number(row.kept_from) };
}
