// npm jose.

import { createLocalJWKSet, importPKCS8, importSPKI, jwtVerify, SignJWT } from "jose";

import { cryptoKey, isSecret } from "./web-keys.mjs";

export const name = "jose";

const utf8 = new TextEncoder();

export async function verifying(material) {
  const { algorithm, token, tokenForSet, publicText, publicJwk, jwks } = material;
  const options = { algorithms: [algorithm] };
  const fromText = isSecret(algorithm) ? async (text) => utf8.encode(text) : (text) => importSPKI(text, algorithm);
  const prepared = await cryptoKey(material, "verify");
  const ways = [
    ["text", async () => jwtVerify(token, await fromText(publicText), options)],
    ["JWK", () => jwtVerify(token, publicJwk, options)],
  ];
  if (prepared !== undefined) ways.push(["CryptoKey", () => jwtVerify(token, prepared, options)]);
  if (jwks !== undefined) {
    const set = createLocalJWKSet(jwks);
    ways.push(["JWKS", () => jwtVerify(tokenForSet, set, options)]);
  }
  return ways.map(([key, call]) => ({ mode: "async", key, call: async () => (await call()).payload }));
}

export async function signing(material) {
  const { algorithm, payload, privateText, privateJwk } = material;
  const fromText = isSecret(algorithm) ? async (text) => utf8.encode(text) : (text) => importPKCS8(text, algorithm);
  const prepared = await cryptoKey(material, "sign");
  const sign = (key) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(key);
  const ways = [
    ["text", async () => sign(await fromText(privateText))],
    ["JWK", () => sign(privateJwk)],
  ];
  if (prepared !== undefined) ways.push(["CryptoKey", () => sign(prepared)]);
  return ways.map(([key, call]) => ({ mode: "async", key, call }));
}
