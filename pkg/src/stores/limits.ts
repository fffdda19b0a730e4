// The limits of the stores: how much may be asked of a server, and for how long.

import { withTimeout } from "../core/timeout.js";

/**
 * The longest record that sessions make, in bytes. The core refuses claims and metadata over 2 KB, which leaves the
 * other half for everything else.
 */
export const LONGEST_RECORD = 4096;
/** The record. Throws a `RangeError` for one longer than sessions make, before it costs a server memory. */
export function bounded(record: Uint8Array): Uint8Array {
  if (record.length > LONGEST_RECORD) throw new RangeError(`a record must be at most ${LONGEST_RECORD} bytes`);
  return record;
}

/** The prefix of the names of tables, which becomes part of statements. Throws a `TypeError` for any other text. */
export function prefixOf(prefix = "tandem_"): string {
  // Names of tables cannot be bound as parameters, so this pattern is what keeps an injection out.
  if (typeof prefix === "string" && /^[a-z_][a-z0-9_]{0,39}$/.test(prefix)) return prefix;
  throw new TypeError(
    "prefix must be 1 to 40 lowercase letters, digits and underscores, and must not begin with a digit",
  );
}

/**
 * A whole number of an option. Throws a `TypeError` that names the option, also for NaN, which a timer would take for
 * no time at all.
 */
export function integer(option: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new TypeError(`${option} must be a whole number from ${least} to ${most}`);
}

/**
 * Rejects when an answer does not come in time. Many clients queue what they cannot send until an absent server is
 * back; a user who waits is better told to try again. The write may still be done: a retry is safe either way.
 */
export function answerWithin<T>(ms: number, answer: Promise<T>): Promise<T> {
  return withTimeout(answer, ms / 1000, () => {
    throw new Error(`the session store did not answer within ${ms} ms`);
  });
}
