// The conformance suite under Node's test runner.

import { test } from "node:test";

import { conformance } from "tandem-jwt/stores/conformance";

/** A test for each of the suite; `run` may carry it out elsewhere, by its name. */
export function testStore(makeStore, options, run) {
  for (const each of conformance(makeStore, options)) {
    test(each.name, async (t) => {
      const nothing = await (run === undefined ? each.run() : run(each.name));
      if (nothing !== undefined) t.skip(nothing);
    });
  }
}

/** Two servers of ours, each with a connection of its own. */
export function two(clients) {
  const stores = [];
  let asked = 0;
  return async () => (stores[asked++ % 2] ??= await clients.store());
}
