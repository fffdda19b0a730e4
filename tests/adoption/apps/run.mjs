// Signs in through one of the applications, and prints what came of it: node apps/run.mjs NAME PACKAGE.

import { once } from "node:events";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";

import jwt from "jsonwebtoken";

const [, , name, middleware] = process.argv;
const secret = "a secret that only the server knows";
const require = createRequire(import.meta.url);

const app = await import(`./${name}.mjs`);
const server = await app.start(secret);
if (!server.listening) await once(server, "listening");
const origin = `http://127.0.0.1:${server.address().port}`;
const sign = app.sign ?? ((claims) => jwt.sign(claims, secret));

async function me(token) {
  const response = await fetch(`${origin}/me`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}

const { token } = await (await fetch(`${origin}/login`, { method: "POST" })).json();
const [header, payload, signature] = token.split(".");
const forged = Buffer.from(JSON.stringify({ sub: "eve", exp: 2_000_000_000 })).toString("base64url");
console.log(
  JSON.stringify({
    signedIn: await me(token),
    expired: await me(sign({ sub: "ada", exp: 1_700_000_000 })),
    tampered: await me([header, forged, signature].join(".")),
    payload: JSON.parse(Buffer.from(payload, "base64url")),
    // As the middleware finds it, and every copy that was loaded by anyone.
    resolved: realpathSync(createRequire(require.resolve(middleware)).resolve("jsonwebtoken")),
    loaded: Object.keys(require.cache).filter((file) => /[\\/](jsonwebtoken|jws|tandem-jwt)[\\/]/.test(file)),
  }),
);
process.exit(0);
