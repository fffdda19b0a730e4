// Real workerd with two isolates that share a D1 database and a namespace of Durable Objects.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import { Miniflare } from "miniflare";

import { bundleWorker } from "../../www/build.mjs";

export async function startWorkers() {
  const shared = {
    modules: await bundleWorker(fileURLToPath(new URL("worker/suite.js", import.meta.url))),
    compatibilityDate: "2026-04-01",
    d1Databases: { DB: "sessions" },
  };
  const sessions = { className: "Sessions", useSQLite: true };
  const workers = new Miniflare({
    cf: false,
    workers: [
      { ...shared, name: "a", durableObjects: { SESSIONS: sessions } },
      { ...shared, name: "b", durableObjects: { SESSIONS: { ...sessions, scriptName: "a" } } },
    ],
  });
  await workers.ready;
  const isolates = { a: await workers.getWorker("a"), b: await workers.getWorker("b") };
  return {
    /** Asks one of the isolates; what it could not do is an error here. */
    async ask(what, message = {}, isolate = "a") {
      const response = await isolates[isolate].fetch("http://suite", {
        method: "POST",
        body: JSON.stringify({ what, ...message }),
      });
      const { value, error } = await response.json();
      assert.equal(error, undefined);
      return value;
    },
    stop: () => workers.dispose(),
  };
}
