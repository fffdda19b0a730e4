// D1 and the Durable Object in real workerd: the suite runs inside a Worker, and two isolates race for one session.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { memoryStore } from "tandem-jwt/session";

import { testStore } from "./suite.mjs";
import { startWorkers } from "./workers.mjs";

const interleavings = 200;

let workers;
before(async () => {
  workers = await startWorkers();
});
after(() => workers.stop());
const ask = (...all) => workers.ask(...all);

test("the tables of D1 are made, and may be made again", async () => {
  assert.deepEqual(await ask("migrate"), [
    "tandem_epoch",
    "tandem_proof",
    "tandem_proof_expires_at",
    "tandem_session",
    "tandem_session_expires_at",
  ]);
});

test("in D1 a list, a sweep and a refresh find their rows by an index", async () => {
  for (const plan of await ask("plans")) {
    assert.match(plan, /SEARCH/);
    assert.match(plan, /USING (PRIMARY KEY|INDEX)/);
    // A page is sorted once more, but no table is scanned.
    assert.doesNotMatch(plan, /SCAN (tandem|e\b)/);
  }
});

for (const [kind, lacks] of Object.entries({ d1: ["transact"], "durable object": ["sweep"] })) {
  describe(kind, () => {
    // The table names are the same in both.
    testStore(
      () => memoryStore(),
      { lacks, interleavings },
      (name) => ask("run", { kind, name, interleavings }),
    );

    test("two isolates refresh one token a thousand times at once: one rotation", async () => {
      const sub = `raced in ${kind}`;
      const token = await ask("issue", { kind, sub });
      const both = await Promise.all(["a", "b"].map((isolate) => ask("refresh", { kind, token, times: 500 }, isolate)));
      const answers = both.flat();
      assert.equal(answers.filter(({ outcome }) => outcome === "rotated").length, 1);
      // Debounced: a successor is handed out again in ten different seconds, and this may take more.
      assert.equal(answers.filter(({ outcome }) => outcome === "grace" || outcome === "debounced").length, 999);
      assert.equal(new Set(answers.map(({ refresh }) => refresh).filter((refresh) => refresh !== null)).size, 1);
      assert.equal(await ask("list", { kind, sub }, "b"), 1);
    });
  });
}
