/**
 * Conformance tests for session stores: ours pass them, and yours should before users depend on it. They need no test
 * runner.
 *
 * They test each method against its contract, then whole sessions with faults at the worst moments, then thousands of
 * random interleavings, which must end as on the memory store.
 */

import { integer } from "../limits.js";
import { contract } from "./contract.js";
import { interleavings } from "./interleavings.js";
import type { ConformanceTest, MakeStore, Plan } from "./plan.js";
import { schedules } from "./schedules.js";
import { walks } from "./walks.js";

export type { ConformanceTest, MakeStore } from "./plan.js";

/** How thorough the tests are. */
export interface ConformanceOptions {
  /** The seed of all random choices; the same seed repeats the same run. Default: a new one at each call. */
  seed?: number | undefined;
  /** How many random interleavings to try. Default: 2,000 of single operations and as many of whole sessions. */
  interleavings?: number | undefined;
  /** How many interleavings run at once. Default 16. */
  parallel?: number | undefined;
}

/**
 * The tests of a store. `makeStore` is called once for each server that a test simulates; all its stores must reach the
 * same data, as your servers do. Every test creates its own users, so the database may hold other data.
 *
 * ```js
 * for (const { name, run } of conformance(() => myStore(client))) test(name, run);
 * ```
 */
export function conformance(makeStore: MakeStore, options: ConformanceOptions = {}): ConformanceTest[] {
  const plan: Plan = {
    makeStore,
    seed: integer("seed", options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!, 0, 0xffff_ffff),
    rounds: integer("interleavings", options.interleavings ?? 2_000, 1, 10_000_000),
    parallel: integer("parallel", options.parallel ?? 16, 1, 1_000),
  };
  return [...contract(plan), ...schedules(plan), ...interleavings(plan), ...walks(plan)];
}
