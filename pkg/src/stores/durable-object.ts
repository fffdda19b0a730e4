/**
 * Sessions in a Durable Object: one object for each user of each issuer, with a row for each session.
 *
 * A refresh is a step of the state machine inside the object, with no await between its read and its write, so no other
 * request comes between. The platform holds the answer back until the write is durable, so nobody hears of a write that
 * was lost. The object needs no configuration and never sees a key of the application.
 */

import { runStep } from "../session/run-step.js";
import {
  type Loaded,
  nextEpoch,
  type Page,
  type RecordIndex,
  type SessionStore,
  type SubjectEpoch,
} from "../session/store.js";
import { DurableObjectClass } from "./durable-object-class.js";
import { PAGE, pageOf } from "./page.js";
import { epochOf } from "./sql.js";

/** A binding to the namespace of `TandemSessions`, with whichever types of Cloudflare's the application has. */
export interface SessionsNamespace {
  idFromName(name: string): unknown;
  /** The stub's type differs between versions of those types. */
  get(id: any): any;
}

/** The methods of a stub of `TandemSessions`. */
type SessionsStub = Pick<
  TandemSessions,
  "create" | "load" | "compareAndSet" | "bumpEpoch" | "list" | "transact" | "firstUse"
>;
/**
 * The methods as a stub has them: over RPC each answers by a promise, also those that are synchronous in the object.
 */
type Answers = {
  [Name in keyof SessionsStub]: (
    ...args: Parameters<SessionsStub[Name]>
  ) => Promise<Awaited<ReturnType<SessionsStub[Name]>>>;
};

/** The store of `createSessions` and `edgeAuth` on Workers. `namespace.jurisdiction("eu")` keeps it in the EU. */
export function durableObjectStore(
  namespace: SessionsNamespace,
): SessionStore & Required<Pick<SessionStore, "transact" | "firstUse">> {
  const of = (iss: string, sub: string): Answers =>
    // As JSON, so that no two subjects share an object, whatever characters their names hold.
    namespace.get(namespace.idFromName(JSON.stringify([iss, sub]))) as Answers;
  return {
    consistency: "linearizable",
    create: ({ iss, sub, sid }, record, index) => of(iss, sub).create(sid, record, index),
    load: ({ iss, sub, sid }) => of(iss, sub).load(sid),
    compareAndSet: ({ iss, sub, sid }, version, record, index) =>
      of(iss, sub).compareAndSet(sid, version, record, index),
    transact: ({ iss, sub, sid }, command) => of(iss, sub).transact(sid, command),
    bumpEpoch: ({ iss, sub }, keep) => of(iss, sub).bumpEpoch(keep),
    list: (iss, sub, cursor) => of(iss, sub).list(cursor),
    firstUse: ({ iss, sub }, id, until) => of(iss, sub).firstUse(id, until),
  };
}

/** A row of a session, as the queries here select it. */
interface SessionRow extends Record<string, ArrayBuffer | string | number | null> {
  /** Unique over the object's life, also after the row is deleted (AUTOINCREMENT), so a cursor stays good. */
  position: number;
  record: ArrayBuffer;
  version: number;
}

/** The epoch of the subject; `kept_from` is null exactly where `keep` is. */
interface EpochRow extends Record<string, string | number | null> {
  value: number;
  keep: string | null;
  kept_from: number | null;
}

/**
 * The Durable Object class: export it from the Worker, and list it under `new_sqlite_classes` in a migration.
 * Nothing is kept in memory between calls: the storage's own cache is as fast, and never stale.
 */
export class TandemSessions extends DurableObjectClass {
  #hasTables = false;

  /** False if there is a session of this name. */
  async create(sid: string, record: Uint8Array, { expiresAt, active }: RecordIndex): Promise<boolean> {
    // RETURNING, because the count of written rows includes SQLite's own bookkeeping.
    const created = this.#sql.exec(
      "INSERT INTO session (sid, record, version, expires_at, active) VALUES (?, ?, 1, ?, ?) ON CONFLICT DO NOTHING RETURNING version",
      sid,
      record,
      expiresAt,
      Number(active),
    );
    if (created.toArray().length === 0) return false;
    await this.#collectBy(expiresAt);
    return true;
  }

  /** The record of a session; null if there is none, or one that has expired. */
  load(sid: string): Loaded | null {
    const row = this.#find(sid);
    return row === undefined
      ? null
      : { record: new Uint8Array(row.record), version: row.version, epoch: this.#epoch() };
  }

  /**
   * False, and nothing written, if the version is another one. The alarm stays as it is: it was set for an earlier end,
   * and sets itself anew by what is left.
   */
  compareAndSet(sid: string, version: number, record: Uint8Array, { expiresAt, active }: RecordIndex): boolean {
    const written = this.#sql.exec(
      "UPDATE session SET record = ?, version = version + 1, expires_at = ?, active = ? WHERE sid = ? AND version = ? RETURNING version",
      record,
      expiresAt,
      Number(active),
      sid,
      version,
    );
    return written.toArray().length > 0;
  }

  /** Synchronous from the read to the write: an await here would let another request in between. */
  transact(sid: string, command: Uint8Array): Uint8Array {
    const row = this.#find(sid);
    const step = runStep(row === undefined ? null : new Uint8Array(row.record), this.#epoch(), command);
    // The version cannot have changed since the read, so the answer of the write says nothing new.
    if (row !== undefined && step.record !== undefined) this.compareAndSet(sid, row.version, step.record, step.index);
    return step.outcome;
  }

  /**
   * Ends all sessions but `keep`. Read and write have no await between them, so two calls never give the same value.
   */
  async bumpEpoch(keep?: string): Promise<number> {
    const next = nextEpoch(this.#epoch(), keep, Date.now());
    this.#sql.exec(
      "INSERT OR REPLACE INTO epoch (only_row, value, keep, kept_from) VALUES (1, ?, ?, ?)",
      next.value,
      next.keep ?? null,
      next.keptFrom ?? null,
    );
    // A user without a session has no alarm, and would leave the epoch behind for ever.
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + EPOCH_KEPT);
    return next.value;
  }

  /**
   * A cursor is the position of the last row seen, so rows inserted or deleted between two pages repeat and hide no
   * other.
   */
  list(cursor?: string): Page {
    const rows = this.#sql
      .exec<SessionRow>(
        "SELECT position, record, version FROM session WHERE position > ? AND expires_at > ? ORDER BY position LIMIT ?",
        // Positions begin at 1.
        cursor === undefined ? 0 : Number(cursor),
        seconds(),
        PAGE + 1,
      )
      .toArray();
    return pageOf(
      rows,
      this.#epoch(),
      ({ record }) => new Uint8Array(record),
      ({ position }) => position,
    );
  }

  /** Each use deletes the proofs that are over, so that a busy user's do not pile up until the alarm. */
  async firstUse(id: string, until: number): Promise<boolean> {
    this.#sql.exec("DELETE FROM proof WHERE expires_at <= ?", seconds());
    const added = this.#sql.exec(
      "INSERT INTO proof (id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id",
      id,
      until,
    );
    const isFirst = added.toArray().length > 0;
    // Without a session there is no alarm yet, and perhaps never will be one.
    if ((await this.ctx.storage.getAlarm()) === null) await this.#collectBy(until);
    return isFirst;
  }

  /**
   * Deletes what has expired. Nothing depends on when it runs, or how often, since every read checks expiry. An object
   * without sessions deletes all its storage, so that users who are gone cost nothing.
   */
  async alarm(): Promise<void> {
    this.#sql.exec("DELETE FROM session WHERE expires_at <= ?", seconds());
    this.#sql.exec("DELETE FROM proof WHERE expires_at <= ?", seconds());
    const [next] = this.#sql
      .exec<{ at: number | null }>(
        "SELECT min(expires_at) AS at FROM (SELECT expires_at FROM session UNION ALL SELECT expires_at FROM proof)",
      )
      .toArray();
    // The storage has one alarm. Each run sets the next one by what is left.
    if (next?.at != null) return this.#collectBy(next.at);
    // A sign-in that is under way may still have to be compared with the epoch, which is in milliseconds. An object
    // that never had one has the value 0, which is long over.
    const young = this.#epoch().value + EPOCH_KEPT > Date.now();
    if (young) return this.ctx.storage.setAlarm(Date.now() + EPOCH_KEPT);
    // `deleteAll` takes the tables too, and this object may be asked again before it leaves memory.
    this.#hasTables = false;
    await this.ctx.storage.deleteAll();
  }

  /**
   * Sets the alarm for a row that ends at a time, in seconds since 1970, unless an earlier one is set. While the alarm
   * runs none counts as set, so a run always sets the next.
   */
  async #collectBy(expiresAt: number): Promise<void> {
    const due = Math.max(Date.now(), expiresAt * 1000) + LEISURE;
    const set = await this.ctx.storage.getAlarm();
    // Only the earliest is set: the alarm itself finds the next.
    if (set === null || due < set) await this.ctx.storage.setAlarm(due);
  }

  /** Every read checks the end, because the alarm deletes a row up to an hour later, or later still after an outage. */
  #find(sid: string): SessionRow | undefined {
    const query = "SELECT position, record, version FROM session WHERE sid = ? AND expires_at > ?";
    return this.#sql.exec<SessionRow>(query, sid, seconds()).toArray()[0];
  }

  /** The epoch, with the clock of the object that made it, so that its age is reckoned by one clock alone. */
  #epoch(): SubjectEpoch {
    const [row] = this.#sql.exec<EpochRow>("SELECT value, keep, kept_from FROM epoch").toArray();
    return { ...epochOf(row), clock: Date.now() };
  }

  /** The tables are not made in the constructor, because the alarm may delete them while the object goes on. */
  get #sql(): SqlStorage {
    const { sql } = this.ctx.storage;
    if (!this.#hasTables) {
      sql.exec(TABLES);
      this.#hasTables = true;
    }
    return sql;
  }
}

/**
 * One object belongs to one subject, so its tables have no columns for issuer and user, and its epoch has at most one
 * row. Sessions have no index on `expires_at`: one user's are few enough to scan. Proofs have one, because each use
 * deletes by it.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS session (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    sid TEXT NOT NULL UNIQUE,
    record BLOB NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    active INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS epoch (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    value INTEGER NOT NULL,
    keep TEXT,
    kept_from INTEGER
  );
  CREATE TABLE IF NOT EXISTS proof (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS proof_expires_at ON proof (expires_at);
`;

/**
 * How many milliseconds a row may outlive its session, so that one alarm deletes rows that end at about the same time.
 */
const LEISURE = 60 * 60 * 1000;
/**
 * How many milliseconds an epoch outlives the last session: longer than a sign-in takes. One that began before a
 * sign-out everywhere is refused only while the epoch is still there to compare it with.
 */
const EPOCH_KEPT = 24 * 60 * 60 * 1000;

/** The object's clock. Whole seconds, like every time in a record. */
const seconds = (): number => Math.floor(Date.now() / 1000);
