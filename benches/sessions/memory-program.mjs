// The memory store, in a process of its own: `{ sizes, refreshes }`.

import { memoryStore } from "tandem-jwt/session";

import { grow, ISSUER, sampleOf } from "./drive.mjs";

const asked = JSON.parse(process.argv[2]);
const { record, ...index } = await sampleOf(memoryStore());
const store = memoryStore();

async function fill(from, to) {
  for (let at = from; at < to; at++)
    await store.create({ iss: ISSUER, sub: `user ${at}`, sid: `session ${at}` }, record, index);
}

async function used() {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

console.log(JSON.stringify(await grow(store, { ...asked, fill, used })));
