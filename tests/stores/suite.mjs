// The conformance suite under Node's test runner.

import assert from "node:assert/strict";
import { test } from "node:test";

import { conformance } from "tandem-jwt/stores/conformance";

/**
 * A test for each of the suite, but those of methods that the store `lacks`, which is checked; `run` may carry it out
 * elsewhere, by its name.
 */
export function testStore(makeStore, { lacks = [], ...options } = {}, run) {
  for (const each of conformance(makeStore, options)) {
    if (lacks.includes(each.needs)) continue;
    test(each.name, async () => {
      assert.equal(await (run === undefined ? each.run() : run(each.name)), undefined, "there was something to test");
    });
  }
  if (run !== undefined) return;
  for (const method of lacks)
    test(`has no ${method}`, async () => assert.equal((await makeStore())[method], undefined));
}

/** Two servers of ours, each with a connection of its own. */
export function two(clients) {
  const stores = [];
  let asked = 0;
  return async () => (stores[asked++ % 2] ??= await clients.store());
}
