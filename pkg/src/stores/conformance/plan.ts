// The building blocks of the store tests.

import { isBytes, isError } from "../../core/kinds.js";
import type { RecordIndex, SessionKey, SessionStore, Subject } from "../../session/store.js";

/** Creates the store of another server over the same data. */
export type MakeStore = () => SessionStore | Promise<SessionStore>;

/**
 * A test. `run` resolves if the test passes, and rejects with what went wrong. If the store lacks an optional method,
 * `run` resolves with a sentence that says so.
 */
export interface ConformanceTest {
  readonly name: string;
  /** The tested method, if a store may lack it. */
  readonly needs?: "transact" | "firstUse" | "sweep" | undefined;
  readonly run: () => Promise<string | void>;
}

/** How thorough the tests are, and which stores they use. */
export interface Plan {
  readonly makeStore: MakeStore;
  /** The seed of the first round; each further round adds 1. */
  readonly seed: number;
  readonly rounds: number;
  /** How many rounds run at once. */
  readonly parallel: number;
}

/** A user that no other test uses. */
export function someone(): Subject {
  return { iss: "https://conformance.example", sub: crypto.randomUUID() };
}

/** The key of a subject's session. */
export function sessionKeyOf(subject: Subject, sid: string): SessionKey {
  return { ...subject, sid };
}

const DAY = 86_400;

/** The index of an active session, or of one that expired so long ago that any store may have dropped it. */
export function index({ days = 10, active = true }: { days?: number; active?: boolean } = {}): RecordIndex {
  return { expiresAt: Math.floor(Date.now() / 1000) + days * DAY, active };
}

/** Throws unless two values are the same, bytes compared as bytes. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [shown(actual), shown(expected)];
  if (is !== should) throw new Error(`${what}: ${is}, expected ${should}`);
}

/** Throws unless the condition holds. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/**
 * A value as text, equal for equal values; bytes of any class become a list of numbers. JSON omits undefined, so a
 * missing member equals an undefined one.
 */
export function shown(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (isBytes(part) ? [...part] : part)) ?? "undefined";
}

/** A seeded random number generator (mulberry32). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 up to but excluding `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** A random choice; a choice that is listed twice is twice as likely. */
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

/** Runs a function for each seed of a plan, several at a time; the error names the failing seed. */
export async function forEachSeed(
  { seed, rounds, parallel }: Plan,
  run: (seed: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  async function worker(): Promise<void> {
    while (next < rounds && !failed) {
      // Seeds are 32 bits wide and wrap around.
      const of = (seed + next++) >>> 0;
      try {
        await run(of);
      } catch (cause) {
        // The other workers finish their current round and start no new one.
        failed = true;
        const why = isError(cause) ? cause.message : String(cause);
        throw new Error(`with { seed: ${of}, interleavings: 1 }: ${why}`, { cause });
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker));
}
