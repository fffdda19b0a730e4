// Behind express-jwt, with RS256 and the keys of an issuer: as people use it, and with tandem-jwt in the place of its
// jsonwebtoken.

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

import jwksRsa from "jwks-rsa";
import { forExpressJwt, remoteKeys } from "tandem-jwt/jwks";

import { material } from "./keys.mjs";
import { versions } from "./report/document.mjs";
import { compared, table, timed } from "./report/figures.mjs";
import { race } from "./rounds.mjs";

const require = createRequire(import.meta.url);
const AT_ONCE = 50;

export async function run(settings) {
  const made = material("RS256");
  const issuer = createServer((_request, response) => response.end(JSON.stringify(made.jwks))).listen(0, "127.0.0.1");
  await once(issuer, "listening");
  try {
    return await measured(made, `http://127.0.0.1:${issuer.address().port}/jwks.json`, settings);
  } finally {
    issuer.closeAllConnections();
    issuer.close();
  }
}

async function measured({ tokenForSet, payload }, jwksUri, settings) {
  const original = middlewareOver(require("jsonwebtoken"));
  const replaced = middlewareOver(require("tandem-jwt"));
  const jwksRsaSecret = () => jwksRsa.expressJwtSecret({ jwksUri, cache: true });
  const ours = forExpressJwt(remoteKeys(jwksUri));
  const handlers = {
    "tandem-jwt, keys by tandem-jwt/jwks": replaced({ secret: ours, algorithms: ["RS256"] }),
    "tandem-jwt, keys by jwks-rsa": replaced({ secret: jwksRsaSecret(), algorithms: ["RS256"] }),
    "jsonwebtoken, keys by jwks-rsa": original({ secret: jwksRsaSecret(), algorithms: ["RS256"] }),
    "jsonwebtoken, keys by tandem-jwt/jwks": original({ secret: ours, algorithms: ["RS256"] }),
  };
  const contenders = { sequence: {}, atOnce: {} };
  for (const [name, handler] of Object.entries(handlers)) {
    const call = () => handled(handler, tokenForSet);
    const auth = await call();
    if (auth?.sub !== payload.sub) throw new Error(`${name} did not let the request in`);
    contenders.sequence[name] = { call };
    contenders.atOnce[name] = {
      call: async () => {
        await Promise.all(Array.from({ length: AT_ONCE }, call));
      },
      per: AT_ONCE,
    };
  }
  const [sequence, atOnce] = [
    await race(contenders.sequence, settings.race),
    await race(contenders.atOnce, settings.race),
  ];
  const [first] = Object.keys(handlers);
  const lines = Object.keys(handlers).map((name) => [
    name,
    timed(sequence[name]),
    compared(sequence[name], sequence[first]),
    timed(atOnce[name]),
    compared(atOnce[name], atOnce[first]),
  ]);
  const head = ["", "one after another", "ratio", "50 at once", "ratio"];
  return {
    title: "Behind express-jwt, RS256 from a key set",
    text: `Microseconds from the request with its header to \`next()\`, without HTTP. The set has two keys. Each library
fetched it before, and has it in its cache. ${versions("express-jwt", "jwks-rsa", "jsonwebtoken")}.\n\n${table(head, lines)}\n`,
  };
}

/** express-jwt as it is, but for the jsonwebtoken that it requires. */
function middlewareOver(implementation) {
  const file = require.resolve("express-jwt");
  const theirs = createRequire(file).resolve("jsonwebtoken");
  require(theirs);
  const kept = require.cache[theirs].exports;
  // Errors of express-jwt are classes of this module too, so all of it is loaded anew.
  for (const name of Object.keys(require.cache)) if (name.includes("/express-jwt/")) delete require.cache[name];
  require.cache[theirs].exports = implementation;
  try {
    return require(file).expressjwt;
  } finally {
    require.cache[theirs].exports = kept;
  }
}

function handled(handler, token) {
  const request = { method: "GET", headers: { authorization: `Bearer ${token}` } };
  return new Promise((resolve, reject) => {
    handler(request, {}, (error) => (error ? reject(error) : resolve(request.auth)));
  });
}
