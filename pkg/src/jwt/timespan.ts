// Time spans, as npm jsonwebtoken adds them to a time.

import { core } from "../core/core.js";

// Programs use a handful of spans, again and again; the last ones read are kept.
const KEPT = 64;
const read = new Map<string, number>();

/**
 * The second that lies a span after `from`, or undefined if it is no span. Strings are rounded down, numbers are
 * seconds.
 */
export function after(from: number, span: unknown): number | undefined {
  if (typeof span === "number") return from + span;
  if (typeof span !== "string") return undefined;
  const ms = milliseconds(span);
  return Number.isNaN(ms) ? undefined : Math.floor(from + ms / 1000);
}

/** The milliseconds of a span such as `"15m"`, NaN if it is none. */
export function milliseconds(span: string): number {
  const kept = read.get(span);
  if (kept !== undefined) return kept;
  // The longest span has a hundred characters; a longer text need not cross.
  if (span.length > 100) return NaN;
  let ms: number;
  try {
    // The grammar is checked there; what parseFloat reads is then the number and nothing else.
    ms = core.exports().timespan_unit(span) * Number.parseFloat(span);
  } catch (error) {
    core.isDoubted = true;
    throw core.recover(error);
  }
  if (read.size >= KEPT) read.clear();
  read.set(span, ms);
  return ms;
}
