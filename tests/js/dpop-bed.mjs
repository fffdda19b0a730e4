// Proofs of possession, made as another library makes them.

import { createHash, randomUUID } from "node:crypto";

import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";

import { START } from "./session-bed.mjs";

export const TOKEN = "https://id.example/auth/token";
export const API = "https://api.example/orders/7";

/** Someone with a key, who makes proofs as another library does. */
export async function holder(alg = "ES256") {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jkt: await calculateJwkThumbprint(jwk),
    /** A proof for a request, and the request. */
    async proof({ method = "POST", url = TOKEN, access, at = START, as = url, ...claims } = {}) {
      const ath = access && createHash("sha256").update(access).digest("base64url");
      const payload = { jti: randomUUID(), htm: method, htu: as, iat: at, ath, ...claims };
      const proof = await new SignJWT(payload).setProtectedHeader({ typ: "dpop+jwt", alg, jwk }).sign(privateKey);
      return { proof, method, url };
    },
  };
}
