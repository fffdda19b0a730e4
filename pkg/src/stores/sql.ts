// Shared by the stores in SQL databases: the statements that read the same everywhere, and how a row
// becomes an epoch.

import type { SubjectEpoch } from "../session/store.js";

/** A result row, by column name. */
export type SqlRow = Record<string, unknown>;

/** The expressions that differ between databases. */
export interface Dialect {
  /** The placeholder of a parameter, counted from 1. */
  parameter(number: number): string;
  /** The expression for the database's clock, in milliseconds since 1970. */
  readonly clock: string;
}

/**
 * The statements for one session. The first three parameters are always its key: issuer, subject, sid. RETURNING shows
 * whether a row was written, because a count of changes may include a database's own bookkeeping.
 */
export function sessionStatements(session: string, epoch: string, { parameter, clock }: Dialect) {
  // Numbered, because the statements do not use the parameters in order.
  const [iss, sub, sid, fourth, fifth, sixth, seventh] = [1, 2, 3, 4, 5, 6, 7].map(parameter);
  return {
    /** Parameters after the key: record, expiry and whether it is active. Returns no row if the sid exists. */
    create: `
      INSERT INTO ${session} (iss, sub, sid, version, record, expires_at, active)
      VALUES (${iss}, ${sub}, ${sid}, 1, ${fourth}, ${fifth}, ${sixth})
      ON CONFLICT DO NOTHING RETURNING 1 AS one`,
    /**
     * Record and epoch come from one snapshot, so the epoch is never older than the record. A subject whose sessions
     * were never revoked together has no epoch row, hence the outer join.
     */
    load: `
      SELECT s.record, s.version, e.value, e.keep, e.kept_from, ${clock} AS clock
      FROM ${session} s LEFT JOIN ${epoch} e ON e.iss = s.iss AND e.sub = s.sub
      WHERE s.iss = ${iss} AND s.sub = ${sub} AND s.sid = ${sid}`,
    /**
     * Parameters after the key: the version that was read, record, expiry and whether it is active. Comparing and
     * writing are one statement, so of two concurrent writers the second finds a different version.
     */
    compareAndSet: `
      UPDATE ${session} SET record = ${fifth}, version = version + 1, expires_at = ${sixth}, active = ${seventh}
      WHERE iss = ${iss} AND sub = ${sub} AND sid = ${sid} AND version = ${fourth} RETURNING 1 AS one`,
  };
}

/**
 * The epoch in a row; the initial epoch if there is none yet. `decode` undoes the store's escaping of names. Numbers
 * may arrive as text, and a missing epoch as null or as no row at all.
 */
export function epochOf(row: SqlRow | undefined, decode: (name: string) => string = (name) => name): SubjectEpoch {
  const { value, keep, kept_from: keptFrom } = row ?? {};
  if (value == null) return { value: 0 };
  if (keep == null) return { value: Number(value) };
  return { value: Number(value), keep: decode(String(keep)), keptFrom: Number(keptFrom) };
}
