/**
 * Sessions in a Durable Object: one object for each user of each issuer, with a row for each session.
 *
 * A refresh is a step of the state machine inside the object, with no await between its read and its write, so no other
 * request can interleave. The platform holds the response back until the write is durable, so a lost write is never
 * reported as done. The object needs no configuration and never sees an application key.
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

/** A binding to the namespace of `TandemSessions`, typed for any version of Cloudflare's types. */
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
/** The methods as a stub has them: over RPC each returns a promise, even if it is synchronous in the object. */
type Answers = {
  [Name in keyof SessionsStub]: (
    ...args: Parameters<SessionsStub[Name]>
  ) => Promise<Awaited<ReturnType<SessionsStub[Name]>>>;
};

/**
 * The store for `createSessions` and `edgeAuth` on Workers. `namespace.jurisdiction("eu")` keeps the data in the EU.
 */
export function durableObjectStore(
  namespace: SessionsNamespace,
): SessionStore & Required<Pick<SessionStore, "transact" | "firstUse">> {
  const of = (iss: string, sub: string): Answers =>
    // As JSON, so that no two subjects share an object, whatever characters their names contain.
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
  /** Unique over the object's life, even after the row is deleted (AUTOINCREMENT), so cursors stay valid. */
  position: number;
  record: ArrayBuffer;
  version: number;
}

/** The epoch of the subject; `kept_from` is null exactly when `keep` is. */
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

  /** False if the session already exists. */
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
   * Returns false and writes nothing if the version differs. The alarm is left alone: it was set for an earlier expiry,
   * and each run reschedules itself for the remaining rows.
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
    // The version cannot have changed since the read, so the result of the write can be ignored.
    if (row !== undefined && step.record !== undefined) this.compareAndSet(sid, row.version, step.record, step.index);
    return step.outcome;
  }

  /**
   * Ends all sessions but `keep`. There is no await between read and write, so two calls never return the same value.
   */
  async bumpEpoch(keep?: string): Promise<number> {
    const next = nextEpoch(this.#epoch(), keep, Date.now());
    this.#sql.exec(
      "INSERT OR REPLACE INTO epoch (only_row, value, keep, kept_from) VALUES (1, ?, ?, ?)",
      next.value,
      next.keep ?? null,
      next.keptFrom ?? null,
    );
    // A user without a session has no alarm, which would leave the epoch behind forever.
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + EPOCH_KEPT);
    return next.value;
  }

  /**
   * The cursor is the position of the last row seen, so rows inserted or deleted between two pages cause no duplicates
   * or gaps.
   */
  list(cursor?: string): Page {
    const rows = this.#sql
      .exec<SessionRow>(
        "SELECT position, record, version FROM session WHERE position > ? AND expires_at > ? ORDER BY position LIMIT ?",
        // Positions start at 1.
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

  /** Each use deletes expired proofs, so that a busy user's proofs do not accumulate until the alarm. */
  async firstUse(id: string, until: number): Promise<boolean> {
    this.#sql.exec("DELETE FROM proof WHERE expires_at <= ?", seconds());
    const added = this.#sql.exec(
      "INSERT INTO proof (id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id",
      id,
      until,
    );
    const isFirst = added.toArray().length > 0;
    // Without a session there is no alarm yet, and there may never be one.
    if ((await this.ctx.storage.getAlarm()) === null) await this.#collectBy(until);
    return isFirst;
  }

  /**
   * Deletes what has expired. Correctness does not depend on when or how often this runs, because every read checks
   * expiry. An object without sessions deletes all its storage, so that departed users cost nothing.
   */
  async alarm(): Promise<void> {
    this.#sql.exec("DELETE FROM session WHERE expires_at <= ?", seconds());
    this.#sql.exec("DELETE FROM proof WHERE expires_at <= ?", seconds());
    const [next] = this.#sql
      .exec<{ at: number | null }>(
        "SELECT min(expires_at) AS at FROM (SELECT expires_at FROM session UNION ALL SELECT expires_at FROM proof)",
      )
      .toArray();
    // The storage has one alarm. Each run schedules the next one for the remaining rows.
    if (next?.at != null) return this.#collectBy(next.at);
    // A sign-in in progress may still have to be compared with the epoch, which is in milliseconds. An object without
    // an epoch has the value 0, which is long past.
    const young = this.#epoch().value + EPOCH_KEPT > Date.now();
    if (young) return this.ctx.storage.setAlarm(Date.now() + EPOCH_KEPT);
    // `deleteAll` drops the tables too, and this object may be called again before it leaves memory.
    this.#hasTables = false;
    await this.ctx.storage.deleteAll();
  }

  /**
   * Schedules the alarm for a row that expires at the given time, in seconds since 1970, unless an earlier alarm is
   * set. While the alarm handler runs, no alarm counts as set, so each run schedules the next one.
   */
  async #collectBy(expiresAt: number): Promise<void> {
    const due = Math.max(Date.now(), expiresAt * 1000) + LEISURE;
    const set = await this.ctx.storage.getAlarm();
    // Only the earliest is scheduled: the alarm itself finds the next.
    if (set === null || due < set) await this.ctx.storage.setAlarm(due);
  }

  /** Every read checks expiry, because the alarm deletes a row up to an hour late, or later still after an outage. */
  #find(sid: string): SessionRow | undefined {
    const query = "SELECT position, record, version FROM session WHERE sid = ? AND expires_at > ?";
    return this.#sql.exec<SessionRow>(query, sid, seconds()).toArray()[0];
  }

  /** The epoch, with the clock of the object that made it, so that its age is computed with one clock. */
  #epoch(): SubjectEpoch {
    const [row] = this.#sql.exec<EpochRow>("SELECT value, keep, kept_from FROM epoch").toArray();
    return { ...epochOf(row), clock: Date.now() };
  }

  /**
   * The tables are not created in the constructor, because the alarm may delete them while the object stays in memory.
   */
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
 * One object belongs to one subject, so its tables have no columns for issuer and user, and the epoch table has at most
 * one row. Sessions have no index on `expires_at`, because one user's sessions are few enough to scan. Proofs have one,
 * because each use deletes by it.
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
 * How many milliseconds a row may outlive its session, so that one alarm deletes all rows that expire at about the same
 * time.
 */
const LEISURE = 60 * 60 * 1000;
/**
 * How many milliseconds an epoch outlives the last session: longer than a sign-in takes. A sign-in that began before a
 * sign-out everywhere can be refused only while the epoch still exists.
 */
const EPOCH_KEPT = 24 * 60 * 60 * 1000;

/** The object's clock. Whole seconds, like every time in a record. */
const seconds = (): number => Math.floor(Date.now() / 1000);
