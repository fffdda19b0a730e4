// Ours, in every form that a key can have.

import { createSigner, createVerifier, setBackend, sign, signAsync, verify, verifyAsync } from "tandem-jwt";
import { localKeys } from "tandem-jwt/jwks";

import { cryptoKey, isSecret } from "./web-keys.mjs";

export const name = "tandem-jwt";
/** The same, but with all arithmetic in the wasm even if the host could do it. */
export const IN_WASM = "tandem-jwt in wasm";

/** The host's own key object, in Node and compatible runtimes. */
function keyObject(form, text, { algorithm }) {
  const crypto = globalThis.process?.getBuiltinModule?.("node:crypto");
  if (crypto === undefined) return undefined;
  if (isSecret(algorithm)) return crypto.createSecretKey(text, "utf8");
  try {
    return form === "public" ? crypto.createPublicKey(text) : crypto.createPrivateKey(text);
  } catch {
    // ML-DSA before Node 24.
    return undefined;
  }
}

function inWasm(call) {
  return () => {
    setBackend("wasm");
    const result = call();
    setBackend("auto");
    return result;
  };
}

/** Synchronous and asynchronous ways to verify the token: `{ who, mode, key, call }`. */
export async function verifying(material) {
  const { algorithm, token, tokenForSet, publicText, publicJwk, jwks } = material;
  const options = { algorithms: [algorithm] };
  const prepared = createVerifier(publicText, options);
  const keys = {
    text: publicText,
    KeyObject: keyObject("public", publicText, material),
    JWK: publicJwk,
    JWKS: jwks,
  };
  const tokenFor = (form) => (form === "JWKS" ? tokenForSet : token);
  const ways = [];
  for (const [form, key] of Object.entries(keys)) {
    const presented = tokenFor(form);
    if (key !== undefined) ways.push({ mode: "sync", key: form, call: () => verify(presented, key, options) });
  }
  ways.push({ mode: "sync", key: "prepared", call: () => prepared(token) });
  ways.push({ who: IN_WASM, mode: "sync", key: "prepared", call: inWasm(() => prepared(token)) });
  const awaited = {
    text: publicText,
    KeyObject: keys.KeyObject,
    CryptoKey: await cryptoKey(material, "verify"),
    JWK: publicJwk,
    JWKS: jwks && localKeys(jwks),
  };
  for (const [form, key] of Object.entries(awaited)) {
    const presented = tokenFor(form);
    if (key !== undefined) ways.push({ mode: "async", key: form, call: () => verifyAsync(presented, key, options) });
  }
  return ways;
}

/** Ways to sign the payload. */
export async function signing(material) {
  const { algorithm, payload, privateText, privateJwk } = material;
  const options = { algorithm, expiresIn: "1h" };
  const prepared = createSigner(privateText, options);
  const keys = { text: privateText, KeyObject: keyObject("private", privateText, material), JWK: privateJwk };
  const ways = Object.entries(keys)
    .filter(([, key]) => key !== undefined)
    .map(([form, key]) => ({ mode: "sync", key: form, call: () => sign(payload, key, options) }));
  ways.push({ mode: "sync", key: "prepared", call: () => prepared(payload) });
  ways.push({ who: IN_WASM, mode: "sync", key: "prepared", call: inWasm(() => prepared(payload)) });
  for (const [form, key] of Object.entries({ ...keys, CryptoKey: await cryptoKey(material, "sign") }))
    if (key !== undefined)
      ways.push({
        mode: "async",
        key: form,
        call: () => signAsync(payload, key, options),
        slow: form !== "CryptoKey" && isSlow(algorithm),
      });
  return ways;
}

/** Where one call can take 20 ms, such as an RSA signature in the wasm, fifty calls are enough. */
function isSlow(algorithm) {
  const { process, navigator } = globalThis;
  const isNode = process?.versions?.node !== undefined && navigator?.userAgent !== "Cloudflare-Workers";
  return /^(RS|PS)/.test(algorithm) && !isNode;
}
