// Sessions in the memory of one process: for tests, demos and single servers, and the reference for every other store.

import { runStep } from "../session/run-step.js";
import { nextEpoch, type RecordIndex, type SessionStore, type Subject, type SubjectEpoch } from "../session/store.js";
import { pageOf } from "./page.js";

/** The options of a memory store. */
export interface MemoryStoreOptions {
  /** The clock for epochs, in milliseconds since 1970. Default: `Date.now`. */
  nowMs?: () => number;
}

/** A session. Only `sweep` reads `index`: on reads the core refuses a record that has expired. */
interface Row {
  /** Increases over all rows, and never changes. */
  position: number;
  record: Uint8Array;
  version: number;
  index: RecordIndex;
}

/** A store in memory. Its contents are gone when the process ends. */
export function memoryStore({ nowMs = () => Date.now() }: MemoryStoreOptions = {}): Required<SessionStore> {
  // By subject, so that listing one user's sessions does not touch any other's.
  const subjects = new Map<string, Map<string, Row>>();
  // Separate from the sessions, because an epoch must outlive them.
  const epochs = new Map<string, SubjectEpoch>();
  /** The used proofs, by subject and name: until when each is kept, in seconds, oldest first. */
  const used = new Map<string, number>();
  let created = 0;

  const rowsOf = (subject: Subject) => subjects.get(nameOf(subject));
  const epochOf = (subject: Subject): SubjectEpoch => ({
    ...(epochs.get(nameOf(subject)) ?? { value: 0 }),
    // The clock that the values come from, so that the age of an epoch is computed with one clock.
    clock: nowMs(),
  });

  function replace(row: Row, record: Uint8Array, index: RecordIndex): void {
    // A copy: the caller's bytes may be a view of memory that is reused.
    row.record = record.slice();
    row.version += 1;
    row.index = index;
  }

  return {
    // Every method runs to completion without an await, so calls never interleave. They are `async` only because the
    // contract requires it, and so that errors become rejections.
    consistency: "linearizable",
    durable: false,

    async create(key, record, index) {
      let rows = rowsOf(key);
      if (rows === undefined) {
        rows = new Map<string, Row>();
        subjects.set(nameOf(key), rows);
      }
      if (rows.has(key.sid)) return false;
      created += 1;
      rows.set(key.sid, { position: created, record: record.slice(), version: 1, index });
      return true;
    },

    async load(key) {
      const row = rowsOf(key)?.get(key.sid);
      if (row === undefined) return null;
      // A copy again: the caller may overwrite what it receives.
      return { record: row.record.slice(), version: row.version, epoch: epochOf(key) };
    },

    async compareAndSet(key, version, record, index) {
      const row = rowsOf(key)?.get(key.sid);
      if (row === undefined || row.version !== version) return false;
      replace(row, record, index);
      return true;
    },

    async transact(key, command) {
      const row = rowsOf(key)?.get(key.sid);
      const step = runStep(row?.record ?? null, epochOf(key), command);
      // No await since the read: this is the whole atomic section.
      if (row !== undefined && step.record !== undefined) replace(row, step.record, step.index);
      return step.outcome;
    },

    async bumpEpoch(subject, keep) {
      const next = nextEpoch(epochOf(subject), keep, nowMs());
      epochs.set(nameOf(subject), next);
      return next.value;
    },

    async list(iss, sub, cursor) {
      const subject = { iss, sub };
      // The cursor is the position of the last row seen, so rows deleted between two pages cause no gaps. A `Map`
      // iterates in insertion order, which is the order of positions.
      const from = cursor === undefined ? 0 : Number(cursor);
      const rows = [...(rowsOf(subject)?.values() ?? [])].filter(({ position }) => position > from);
      return pageOf(
        rows,
        epochOf(subject),
        ({ record }) => record.slice(),
        ({ position }) => String(position),
      );
    },

    firstUse: async (subject, id, until) => useUp(used, JSON.stringify([nameOf(subject), id]), until, nowMs()),
    sweep: async (now, limit) => sweep(subjects, now, limit),
  };
}

/** Records a proof; false if it was used before. `until` is in seconds, and `nowMs` in milliseconds. */
function useUp(used: Map<string, number>, name: string, until: number, nowMs: number): boolean {
  // A `Map` iterates in insertion order, and proofs expire in about that order, so this stops at the first one that is
  // still valid.
  for (const [oldest, end] of used) {
    if (end * 1000 > nowMs) break;
    // Deleting the current entry is allowed: the iteration continues with the next one.
    used.delete(oldest);
  }
  if (used.has(name)) return false;
  used.set(name, until);
  return true;
}

/**
 * Deletes at most `limit` expired sessions, and returns how many. `now` is in seconds. Stopping early loses nothing:
 * the next sweep finds the rest.
 */
function sweep(subjects: Map<string, Map<string, Row>>, now: number, limit: number): number {
  let swept = 0;
  for (const [name, rows] of subjects) {
    for (const [sid, row] of rows) {
      if (swept >= limit) return swept;
      if (row.index.expiresAt > now) continue;
      rows.delete(sid);
      swept += 1;
    }
    // The epoch stays: a sign-in in progress may still have to be compared with it.
    if (rows.size === 0) subjects.delete(name);
  }
  return swept;
}

/** One map key for two texts that may contain any character. */
function nameOf({ iss, sub }: Subject): string {
  // Joined by a separator, `a:b` and `c` would give the same key as `a` and `b:c`.
  return JSON.stringify([iss, sub]);
}
