// A process that shares a token file with others: refreshes so often, and prints how it ended.

import { setTimeout as pause } from "node:timers/promises";

const [file, tokenEndpoint, times, client = "tandem-jwt/client/node"] = process.argv.slice(2);
const { bearerSession, tokenFile } = await import(client);
const session = bearerSession({ tokenEndpoint, tokens: tokenFile(file) });
let state;
for (let round = 0; round < Number(times); round += 1) {
  if (round > 0) await pause(500 + 3_500 * Math.random());
  state = await session.refresh();
}
console.log(state.status);
session.close();
