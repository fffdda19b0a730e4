/**
 * Sessions in PostgreSQL, 10 or newer, through the application's own client: a Pool or Client of `pg`, or `postgres`.
 *
 * A session is one row, and each operation on it one statement without a surrounding transaction, so a connection
 * pooler may be used.
 */

import type { Loaded, SessionStore } from "../session/store.js";
import { answerWithin, bounded, integer, prefixOf } from "./limits.js";
import { PAGE, pageOf } from "./page.js";
import { type PgClient, type PostgresSql, queriesOf } from "./postgres/queries.js";
import { schemaOf } from "./postgres/schema.js";
import { type Dialect, epochOf, sessionStatements } from "./sql.js";

export type { PgClient, PostgresSql } from "./postgres/queries.js";

/** The options of the PostgreSQL store. */
export interface PostgresStoreOptions {
  /** The prefix of the table names: lower-case letters, digits and underscores. Default `"tandem_"`. */
  prefix?: string | undefined;
  /** How many milliseconds an operation may take before it fails. Default 5,000. */
  timeout?: number | undefined;
  /** Use the clock of the database server, which all application servers share. Default true. */
  sharedClock?: boolean | undefined;
  /** The clock for epochs, in milliseconds since 1970. Default: the database server's. */
  nowMs?: (() => number) | undefined;
}

/** The statements that create the tables, for your migrations. Running them again changes nothing. */
export function postgresSchema({ prefix }: Pick<PostgresStoreOptions, "prefix"> = {}): string {
  return schemaOf(prefixOf(prefix));
}

/** Creates the tables if they do not exist. Several servers may call this at once. */
export async function migratePostgres(
  client: PgClient | PostgresSql,
  options: Pick<PostgresStoreOptions, "prefix"> = {},
): Promise<void> {
  await queriesOf(client)(postgresSchema(options));
}

/** Creates a store over a client of the primary. Throws a `TypeError` for an invalid option. */
export function postgresStore(
  client: PgClient | PostgresSql,
  options: PostgresStoreOptions = {},
): SessionStore & Required<Pick<SessionStore, "sweep" | "firstUse">> {
  const { sharedClock = true, nowMs } = options;
  const prefix = prefixOf(options.prefix);
  const timeout = integer("timeout", options.timeout ?? 5_000, 1, 600_000);
  const query = queriesOf(client);
  // The time-out surrounds the retries, so it bounds them all. A statement that outlives it does no harm: a retry is
  // safe whether or not the write was carried out.
  const run = (sql: string, values: unknown[]) =>
    answerWithin(
      timeout,
      serialized(() => query(sql, values)),
    );
  const sql = statementsOf(`${prefix}session`, `${prefix}epoch`, `${prefix}proof`);

  return {
    consistency: "linearizable",
    durable: true,

    async create({ iss, sub, sid }, record, { expiresAt, active }) {
      const values = [escaped(iss), escaped(sub), escaped(sid), bounded(record), dayOf(expiresAt), active];
      return (await run(sql.create, values)).length === 1;
    },

    async load({ iss, sub, sid }) {
      // Both clients return a bigint as text, because it may exceed what a number represents exactly; hence `Number`
      // below. Versions and times are far smaller.
      const [row] = await run(sql.load, [escaped(iss), escaped(sub), escaped(sid)]);
      if (row === undefined) return null;
      const clock = Number(row.clock);
      const epoch = { ...epochOf(row, unescaped), clock: nowMs?.() ?? clock };
      const loaded: Loaded = { record: bytes(row.record), version: Number(row.version), epoch };
      // With the database's clock, servers whose own clocks differ still agree on when the grace period is over.
      return sharedClock ? { ...loaded, now: Math.floor(clock / 1000) } : loaded;
    },

    async compareAndSet({ iss, sub, sid }, version, record, { expiresAt, active }) {
      const values = [escaped(iss), escaped(sub), escaped(sid), version, bounded(record), dayOf(expiresAt), active];
      return (await run(sql.compareAndSet, values)).length === 1;
    },

    async bumpEpoch({ iss, sub }, keep) {
      const values = [
        escaped(iss),
        escaped(sub),
        nowMs === undefined ? null : Math.floor(nowMs()),
        keep === undefined ? null : escaped(keep),
      ];
      const [row] = await run(sql.bumpEpoch, values);
      return Number(row?.value);
    },

    async list(iss, sub, cursor) {
      // The cursor is a sid in its escaped form, which only this query reads. The empty text sorts before every sid.
      const rows = await run(sql.list, [escaped(iss), escaped(sub), cursor ?? "", PAGE + 1]);
      const sessions = rows.filter((row) => row.sid !== null);
      return pageOf(
        sessions,
        epochOf(rows[0], unescaped),
        (row) => bytes(row.record),
        (row) => row.sid,
      );
    },

    /**
     * The identifier needs no escaping, because it is base64url. It is a hash of the client's key and the proof's
     * `jti`, so it is unique across all users.
     */
    async firstUse(_, id, until) {
      return (await run(sql.firstUse, [id, until, Math.floor((nowMs ?? Date.now)() / 1000)])).length === 1;
    },

    async sweep(now, limit) {
      return (await run(sql.sweep, [Math.floor(now), integer("limit", limit, 1, 1_000_000)])).length;
    },
  };
}

/** Fifty tries with average pauses of 10 ms take half a second, well within the default time-out. */
const TRIES = 50;
const LONGEST_PAUSE_MS = 20;

/**
 * Under stricter isolation than the default, a statement may fail because of concurrency: a serialization failure
 * (40001) or a deadlock (40P01). Nothing was written then, so it runs again, after a random pause that keeps colliding
 * statements apart.
 */
async function serialized<T>(statement: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await statement();
    } catch (error) {
      const code = (error as { code?: unknown } | null)?.code;
      if ((code !== "40001" && code !== "40P01") || tried === TRIES) throw error;
      await new Promise((resume) => setTimeout(resume, Math.random() * LONGEST_PAUSE_MS));
    }
  }
}

const POSTGRES: Dialect = {
  parameter: (number) => `$${number}`,
  // Not now(), which is the start of the transaction.
  clock: "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
};

function statementsOf(session: string, epoch: string, proof: string) {
  const { clock } = POSTGRES;
  return {
    ...sessionStatements(session, epoch, POSTGRES),
    // The rule of `nextEpoch` in SQL, so that one statement reads and writes. A new value is at least 1, because 0
    // means that nothing was ever revoked. The casts give types to parameters that are only compared with NULL, which
    // PostgreSQL could not infer.
    bumpEpoch: `
      INSERT INTO ${epoch} AS e (iss, sub, value, keep, kept_from)
      VALUES ($1, $2, greatest(1, coalesce($3::bigint, ${clock})), $4::text, CASE WHEN $4::text IS NULL THEN NULL ELSE 0 END)
      ON CONFLICT (iss, sub) DO UPDATE SET
        value = greatest(e.value + 1, coalesce($3::bigint, ${clock})),
        keep = $4::text,
        kept_from = CASE WHEN $4::text IS NULL THEN NULL WHEN e.keep = $4::text THEN e.kept_from ELSE e.value END
      RETURNING value`,
    // Ordered by sid, which never changes, so that rows inserted or deleted between two pages cause no duplicates or
    // gaps. A subject without sessions yields one row with only the epoch.
    list: `
      SELECT s.sid, s.record, e.value, e.keep, e.kept_from
      FROM (SELECT $1::text AS iss, $2::text AS sub) u
      LEFT JOIN ${epoch} e ON e.iss = u.iss AND e.sub = u.sub
      LEFT JOIN LATERAL (
        SELECT sid, record FROM ${session} WHERE iss = $1 AND sub = $2 AND sid > $3 ORDER BY sid LIMIT $4
      ) s ON true
      ORDER BY s.sid`,
    // Each use deletes up to three expired proofs, so that no sweep is needed. PostgreSQL executes a data-modifying
    // WITH even if nothing reads its result. Rows that another use is deleting are skipped rather than waited for.
    firstUse: `
      WITH gone AS (
        DELETE FROM ${proof} WHERE ctid = ANY (ARRAY(
          SELECT ctid FROM ${proof} WHERE expires_at <= $3 ORDER BY expires_at LIMIT 3 FOR UPDATE SKIP LOCKED
        ))
      )
      INSERT INTO ${proof} (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1 AS one`,
    // Rows that another server is sweeping at the same time are skipped. A `ctid` is a row's location on disk, which
    // cannot be reused for another row while the lock is held.
    sweep: `
      DELETE FROM ${session} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ${session} WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
      )) RETURNING 1 AS one`,
  };
}

const DAY = 86_400;

/**
 * The end of the day in which a session expires. A refresh moves the expiry by minutes, and while no indexed value
 * changes, PostgreSQL updates the row without touching the indexes (a heap-only tuple).
 */
function dayOf(expiresAt: number): number {
  return Math.ceil(expiresAt / DAY) * DAY;
}

/**
 * A name in a form that PostgreSQL can store: its text type excludes only the character 0. The backslash is doubled, so
 * that no two names collide and `unescaped` restores the original.
 */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\0", "\\0");
}

/** Undoes `escaped`. */
function unescaped(text: string): string {
  return text.replace(/\\([\\0])/g, (_, char) => (char === "0" ? "\0" : "\\"));
}

/** A copy: the client's Buffer may be a view of a larger piece of memory that holds other results too. */
function bytes(value: unknown): Uint8Array {
  return new Uint8Array(value as Uint8Array);
}
