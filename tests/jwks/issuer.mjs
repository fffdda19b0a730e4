/** An issuer on loopback that behaves as it is told, and counts what it is asked for. */

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import jwt from "tandem-jwt";

/** A signing key and its public JWK. */
export function keyPair(kid, alg = "RS256") {
  const { privateKey, publicKey } =
    alg === "RS256"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, alg, use: "sig" };
  const sign = (claims = {}) => jwt.sign(claims, privateKey, { algorithm: alg, keyid: kid });
  return { privateKey, publicKey, jwk, sign };
}

/** Answers with `issuer.set`, or as `issuer.answer(request, response)` does. */
export async function startIssuer(t, keys) {
  const issuer = { fetches: 0, paths: [], set: { keys }, headers: {}, answer: undefined };
  const server = createServer((request, response) => {
    issuer.fetches++;
    issuer.paths.push(request.url);
    if (issuer.answer) return issuer.answer(request, response);
    response.writeHead(200, { "content-type": "application/json", ...issuer.headers });
    response.end(JSON.stringify(issuer.set));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  issuer.origin = `http://127.0.0.1:${server.address().port}`;
  issuer.url = `${issuer.origin}/jwks`;
  return issuer;
}
