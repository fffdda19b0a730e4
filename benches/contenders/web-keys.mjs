// CryptoKeys of WebCrypto, which the asynchronous peers take as prepared keys.

const PARAMETERS = {
  HS: (bits) => ({ name: "HMAC", hash: `SHA-${bits}` }),
  RS: (bits) => ({ name: "RSASSA-PKCS1-v1_5", hash: `SHA-${bits}` }),
  PS: (bits) => ({ name: "RSA-PSS", hash: `SHA-${bits}` }),
  ES: (bits) => ({ name: "ECDSA", namedCurve: { 256: "P-256", 384: "P-384", 512: "P-521" }[bits] }),
};

/** Whether an algorithm has a secret for a key. */
export const isSecret = (algorithm) => algorithm.startsWith("HS");

/** The key of a material for "sign" or "verify", or undefined where the host does not know the algorithm. */
export async function cryptoKey({ algorithm, publicJwk, privateJwk }, usage) {
  const parameters =
    algorithm === "EdDSA" ? { name: "Ed25519" } : /^(HS|RS|PS|ES)\d+$/.test(algorithm) && parametersOf(algorithm);
  if (!parameters) return undefined;
  const { kid: _kid, alg: _alg, ...jwk } = usage === "sign" ? privateJwk : publicJwk;
  try {
    return await crypto.subtle.importKey("jwk", jwk, parameters, false, [usage]);
  } catch {
    return undefined;
  }
}

const parametersOf = (algorithm) => PARAMETERS[algorithm.slice(0, 2)](algorithm.slice(2));
