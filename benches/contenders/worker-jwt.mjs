// @tsndr/cloudflare-worker-jwt.

import { sign, verify } from "@tsndr/cloudflare-worker-jwt";

import { cryptoKey } from "./web-keys.mjs";

export const name = "@tsndr/cloudflare-worker-jwt";

export async function verifying(material) {
  const { algorithm, token, publicText, publicJwk } = material;
  const options = { algorithm, throwError: true };
  const prepared = await cryptoKey(material, "verify");
  const keys = { text: publicText, JWK: publicJwk, ...(prepared && { CryptoKey: prepared }) };
  return Object.entries(keys).map(([form, key]) => ({
    mode: "async",
    key: form,
    call: async () => (await verify(token, key, options)).payload,
  }));
}

export async function signing(material) {
  const { algorithm, payload, privateText, privateJwk } = material;
  const prepared = await cryptoKey(material, "sign");
  const keys = { text: privateText, JWK: privateJwk, ...(prepared && { CryptoKey: prepared }) };
  // It writes `iat`, and no `exp`.
  const timed = () => ({ ...payload, exp: Math.floor(Date.now() / 1000) + 3600 });
  return Object.entries(keys).map(([form, key]) => ({
    mode: "async",
    key: form,
    call: () => sign(timed(), key, { algorithm }),
  }));
}
