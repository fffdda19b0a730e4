// Time spans such as "15m" or "2 days", in the grammar of npm ms, as npm jsonwebtoken adds them to a time.

/** A decimal number, spaces, and a unit. Without a unit it is milliseconds. */
const SPAN =
  /^(-?\d*\.?\d+) *(milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|years?|yrs?|y)?$/i;
/** In characters: npm ms reads no longer text. */
const LONGEST = 100;

const DAY = 86_400_000;
/**
 * The milliseconds of each unit, by its first letter. Milliseconds, which share theirs with minutes, are recognised
 * before.
 */
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY,
  w: 7 * DAY,
  y: 365.25 * DAY,
};
const MILLISECONDS = /^(?:ms|mil|$)/i;

/**
 * The time, in seconds, that is a span after `from`; undefined for a text that is not a span. A number is a span in
 * seconds. The time after a text is rounded down.
 */
export function after(from: number, span: unknown): number | undefined {
  // Not rounded: the caller's fraction stays in the token, as in npm jsonwebtoken.
  if (typeof span === "number") return from + span;
  if (typeof span !== "string") return undefined;
  const ms = milliseconds(span);
  return Number.isNaN(ms) ? undefined : Math.floor(from + ms / 1000);
}

/** The milliseconds of a span such as `"15m"`; NaN for any other text. */
export function milliseconds(span: string): number {
  const [, number, unit = ""] = (span.length <= LONGEST && SPAN.exec(span)) || [];
  if (number === undefined) return NaN;
  return Number.parseFloat(number) * (MILLISECONDS.test(unit) ? 1 : UNITS[unit[0]!.toLowerCase()]!);
}
