// A command line as short as it gets: it prints what the API answers. The pair is in a file.

import { bearerSession, tokenFile } from "tandem-jwt/client/node";

const [server, file] = process.argv.slice(2);
const session = bearerSession({ tokenEndpoint: `${server}/token`, tokens: tokenFile(file) });
const response = await session.fetch(`${server}/orders`);
console.log(response.status, await response.text());
session.close();
