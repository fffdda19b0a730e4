// The limits of the stores: record sizes, table names, option ranges and time-outs.

import { withTimeout } from "../core/timeout.js";

/**
 * The longest record that sessions produce, in bytes. The core refuses claims and metadata over 2 KB, which leaves the
 * other half for everything else.
 */
export const LONGEST_RECORD = 4096;
/**
 * Returns the record. Throws a `RangeError` if it is longer than sessions produce, before it takes up server memory.
 */
export function bounded(record: Uint8Array): Uint8Array {
  if (record.length > LONGEST_RECORD) throw new RangeError(`a record must be at most ${LONGEST_RECORD} bytes`);
  return record;
}

/** The prefix of the table names, which becomes part of statements. Throws a `TypeError` for an invalid prefix. */
export function prefixOf(prefix = "tandem_"): string {
  // Table names cannot be bound as parameters, so this pattern is what prevents an injection.
  if (typeof prefix === "string" && /^[a-z_][a-z0-9_]{0,39}$/.test(prefix)) return prefix;
  throw new TypeError(
    "prefix must be 1 to 40 lowercase letters, digits and underscores, and must not begin with a digit",
  );
}

/** An integer option. Throws a `TypeError` that names the option, also for NaN, which a timer would treat as 0. */
export function integer(option: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new TypeError(`${option} must be a whole number from ${least} to ${most}`);
}

/**
 * Rejects if an answer does not arrive in time. Many clients queue commands until an absent server is back, but a
 * waiting user is better told to try again. The write may still be carried out: a retry is safe either way.
 */
export function answerWithin<T>(ms: number, answer: Promise<T>): Promise<T> {
  return withTimeout(answer, ms / 1000, () => {
    throw new Error(`the session store did not answer within ${ms} ms`);
  });
}
