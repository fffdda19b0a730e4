// hono/jwt.

import { sign, verify, verifyWithJwks } from "hono/jwt";

import { cryptoKey } from "./web-keys.mjs";

export const name = "hono/jwt";

export async function verifying(material) {
  const { algorithm, token, tokenForSet, publicText, publicJwk, jwks } = material;
  const prepared = await cryptoKey(material, "verify");
  const ways = [
    ["text", () => verify(token, publicText, algorithm)],
    ["JWK", () => verify(token, publicJwk, algorithm)],
  ];
  if (prepared !== undefined) ways.push(["CryptoKey", () => verify(token, prepared, algorithm)]);
  if (jwks !== undefined)
    ways.push(["JWKS", () => verifyWithJwks(tokenForSet, { keys: jwks.keys, allowedAlgorithms: [algorithm] })]);
  return ways.map(([key, call]) => ({ mode: "async", key, call }));
}

export async function signing(material) {
  const { algorithm, payload, privateText, privateJwk } = material;
  const prepared = await cryptoKey(material, "sign");
  // It writes no times of its own.
  const timed = () => {
    const iat = Math.floor(Date.now() / 1000);
    return { ...payload, iat, exp: iat + 3600 };
  };
  const ways = [
    ["text", () => sign(timed(), privateText, algorithm)],
    ["JWK", () => sign(timed(), privateJwk, algorithm)],
  ];
  if (prepared !== undefined) ways.push(["CryptoKey", () => sign(timed(), prepared, algorithm)]);
  return ways.map(([key, call]) => ({ mode: "async", key, call }));
}
