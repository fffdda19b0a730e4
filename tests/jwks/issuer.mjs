/** An issuer on loopback that behaves as it is told, and counts what it is asked for. */

import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
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

/** A self-signed certificate of a new RSA key, as OpenSSL makes it. */
export function certified(t) {
  const folder = mkdtempSync(path.join(tmpdir(), "certificate-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name));
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=securetoken"];
  execFileSync("openssl", [...request, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { privateKey: readFileSync(key, "utf8"), certificate: readFileSync(cert, "utf8") };
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
