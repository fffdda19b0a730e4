// Tokens of an issuer whose keys are known already: what each way costs once its cache is warm, the issuer being on loopback.

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

import { race, show } from "./rounds.mjs";

const PAIRS = {
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
};
const issuer = "https://id.example/";
const audience = "https://api.example";

export async function run() {
  for (const [algorithm, make] of Object.entries(PAIRS)) {
    const { privateKey, publicKey } = make();
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: "k", alg: algorithm, use: "sig" };
    const server = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] }))).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${server.address().port}/jwks`;
    const claims = { sub: "248289761001", name: "Jane Doe", roles: ["user", "admin"], tenant: "acme" };
    const token = tandem.sign(claims, privateKey, { algorithm, keyid: "k", issuer, audience, expiresIn: "1h" });
    const expected = { algorithms: [algorithm], issuer, audience };

    const keys = remoteKeys(url, { issuer });
    const set = createRemoteJWKSet(new URL(url));
    const client = jwksRsa({ jwksUri: url });
    const find = (header, done) => client.getSigningKey(header.kid, (error, key) => done(error, key?.getPublicKey()));
    const byJwksRsa = promisify((done) => original.verify(token, find, expected, done));
    const guard = protect({ issuer: keys, algorithms: [algorithm], audience });
    const request = { headers: new Headers({ authorization: `Bearer ${token}` }) };
    const header = { alg: algorithm, kid: "k" };
    const together = (call) => () => Promise.all(Array.from({ length: 100 }, call));
    try {
      await verifyAsync(token, keys, expected);
      show(
        `${algorithm} with a warm cache`,
        await race({
          "tandem-jwt, verifyAsync": () => verifyAsync(token, keys, expected),
          "tandem-jwt, verify with keys.sync": () => tandem.verify(token, keys.sync(header), expected),
          "tandem-jwt, protect": () => guard(request),
          "jose, createRemoteJWKSet": () => jwtVerify(token, set, expected),
          "jwks-rsa and jsonwebtoken": () => byJwksRsa(),
        }),
      );
      show(
        `${algorithm} with a warm cache, 100 at once`,
        await race({
          "tandem-jwt, verifyAsync": together(() => verifyAsync(token, keys, expected)),
          "jose, createRemoteJWKSet": together(() => jwtVerify(token, set, expected)),
          "jwks-rsa and jsonwebtoken": together(() => byJwksRsa()),
        }),
      );
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
}
