// Tokens of an issuer whose keys are cached: what each way costs once its cache is warm, with the issuer on loopback.

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { promisify } from "node:util";

import { createRemoteJWKSet, jwtVerify } from "jose";
import original from "jsonwebtoken";
import jwksRsa from "jwks-rsa";
import tandem, { verifyAsync } from "tandem-jwt";
import { protect } from "tandem-jwt/edge";
import { remoteKeys } from "tandem-jwt/jwks";

import { compared, table, timed } from "./report/figures.mjs";
import { race } from "./rounds.mjs";

const PAIRS = {
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
};
const issuer = "https://id.example/";
const audience = "https://api.example";

const AT_ONCE = 50;

export async function run(settings) {
  const lines = [];
  for (const [algorithm, make] of Object.entries(PAIRS)) {
    const { privateKey, publicKey } = make();
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: "k", alg: algorithm, use: "sig" };
    const server = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] }))).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const url = `http://127.0.0.1:${server.address().port}/jwks`;
      lines.push(...(await measured({ algorithm, privateKey, url }, settings)));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  const head = ["", "one after another", "ratio", `${AT_ONCE} at once`, "ratio"];
  return {
    title: "Tokens of an issuer whose keys are cached",
    text: `Microseconds per token; the keys were fetched before. Ratios are to \`verifyAsync\` with \`remoteKeys\`.

${table(head, lines)}`,
  };
}

async function measured({ algorithm, privateKey, url }, settings) {
  const claims = { sub: "248289761001", name: "Jane Doe", roles: ["user", "admin"], tenant: "acme" };
  const token = tandem.sign(claims, privateKey, { algorithm, keyid: "k", issuer, audience, expiresIn: "1h" });
  const expected = { algorithms: [algorithm], issuer, audience };
  const keys = remoteKeys(url, { issuer });
  const set = createRemoteJWKSet(new URL(url));
  const client = jwksRsa({ jwksUri: url });
  const find = (header, done) => client.getSigningKey(header.kid, (error, key) => done(error, key?.getPublicKey()));
  const guard = protect({ issuer: keys, algorithms: [algorithm], audience });
  const request = { headers: new Headers({ authorization: `Bearer ${token}` }) };
  await verifyAsync(token, keys, expected);
  const calls = {
    "tandem-jwt, verifyAsync": () => verifyAsync(token, keys, expected),
    "tandem-jwt, verify with keys.sync": () => tandem.verify(token, keys.sync({ alg: algorithm, kid: "k" }), expected),
    "tandem-jwt, protect": () => guard(request),
    "jose, createRemoteJWKSet": () => jwtVerify(token, set, expected),
    "jwks-rsa and jsonwebtoken": promisify((done) => original.verify(token, find, expected, done)),
  };
  const named = (contender) => Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, contender(call)]));
  const sequence = await race(
    named((call) => ({ call })),
    settings.race,
  );
  const atOnce = await race(
    named((call) => ({
      call: async () => {
        await Promise.all(Array.from({ length: AT_ONCE }, () => call()));
      },
      per: AT_ONCE,
    })),
    settings.race,
  );
  const [first] = Object.keys(calls);
  return Object.keys(calls).map((name) => [
    `${algorithm}: ${name}`,
    timed(sequence[name]),
    compared(sequence[name], sequence[first]),
    timed(atOnce[name]),
    compared(atOnce[name], atOnce[first]),
  ]);
}
