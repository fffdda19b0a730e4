// A process that shares a token file with others: refreshes so often, and prints how it ended.

import { bearerSession, tokenFile } from "tandem-jwt/client/node";

const [file, tokenEndpoint, times] = process.argv.slice(2);
const session = bearerSession({ tokenEndpoint, tokens: tokenFile(file) });
let state;
for (let round = 0; round < Number(times); round += 1) state = await session.refresh();
console.log(state.status);
session.close();
