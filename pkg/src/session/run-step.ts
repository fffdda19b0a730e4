// Runs a command on a record, for stores that do so inside an atomic section of their own.

import { epochFields, machine } from "./machine.js";
import { encoded } from "./message.js";
import type { Epoch, RecordIndex } from "./store.js";

/** The record that a store has to write, if any, and the outcome that it returns. */
export type StepResult = { outcome: Uint8Array } & (
  | { record: Uint8Array; index: RecordIndex }
  | { record?: never; index?: never }
);

// Flags, when the session ends, and how long the record is.
const HEAD = 1 + 8 + 2;
const WRITE = 1;
const ACTIVE = 2;

/**
 * Carries out a command on the record that a store holds, synchronously. Call it inside the store's atomic section;
 * write `record` with the next version if there is one, and return `outcome`.
 *
 * @param record as it is stored, null if there is none
 * @param epoch the subject's, as it is stored; 0 if there is none
 * @param now the store's own clock in seconds, if it has one
 */
export function runStep(record: Uint8Array | null, epoch: Epoch, command: Uint8Array, now?: number): StepResult {
  const message = encoded({ record: record ?? undefined, ...epochFields(epoch), command, clock: now });
  const step = machine((core) => core.session_step(message));
  const view = new DataView(step.buffer, step.byteOffset, step.byteLength);
  const flags = view.getUint8(0);
  const end = HEAD + view.getUint16(9);
  const outcome = step.slice(end);
  if ((flags & WRITE) === 0) return { outcome };
  const index = { expiresAt: Number(view.getBigUint64(1)), active: (flags & ACTIVE) !== 0 };
  return { record: step.slice(HEAD, end), index, outcome };
}
