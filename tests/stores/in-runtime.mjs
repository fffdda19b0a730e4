// The conformance suite of a store by one client, in whichever runtime this is run: its words are the kind of the server, the
// client, the address, and what the store lacks. Prints how many tests passed.

import { conformance } from "tandem-jwt/stores/conformance";

import { POSTGRES, REDIS } from "./clients.mjs";

const [kind, name, address, ...lacks] = process.argv.slice(2);
const { hostname: host, port } = new URL(address);
const opened = { POSTGRES, REDIS }[kind][name]({ url: address, host, port: Number(port) }, {});
const stores = [];
let asked = 0;
const makeStore = async () => {
  const at = asked++ % 2;
  stores[at] ??= await opened.store();
  return stores[at];
};
let passed = 0;
for (const each of conformance(makeStore, { interleavings: 100 })) {
  if (lacks.includes(each.needs)) continue;
  const leftOut = await each.run();
  if (leftOut !== undefined) throw new Error(`${each.name}: ${leftOut}`);
  passed += 1;
}
await opened.close();
console.log(passed);
process.exit();
