import { generateKeyPairSync } from "node:crypto";

import express from "express";
import jwt from "jsonwebtoken";
import jwksClient from "jwks-rsa";

import { seen } from "./seen.mjs";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Signs what the test asks for, by the key of this issuer. */
export const sign = (claims, options) => jwt.sign(claims, privateKey, { algorithm: "RS256", keyid: "k", ...options });

export function start() {
  const app = express();
  const server = app.listen(0, "127.0.0.1");
  let client;
  const key = (header, done) => {
    client ??= jwksClient({ jwksUri: `http://127.0.0.1:${server.address().port}/jwks` });
    client.getSigningKey(header.kid, (error, found) => done(error, found?.getPublicKey()));
  };
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "k", use: "sig", alg: "RS256" };
  app.get("/jwks", (_, response) => response.json({ keys: [jwk] }));
  app.post("/login", (_, response) => response.json({ token: sign({ sub: "ada" }, { expiresIn: "15m" }) }));
  app.get("/me", (request, response) => {
    const token = request.get("authorization").slice("Bearer ".length);
    jwt.verify(token, key, { algorithms: ["RS256"] }, (error, claims) =>
      error ? response.status(401).json(seen(error)) : response.json(claims),
    );
  });
  return server;
}
