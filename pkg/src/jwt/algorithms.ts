// The algorithms by name, and what the wasm calls them.

/** In the order of their numbers at the wasm boundary. */
export const ALGORITHMS: readonly string[] = [
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
  "ES256K",
  "ML-DSA-44",
  "ML-DSA-65",
  "ML-DSA-87",
];

const HMAC = ALGORITHMS.slice(0, 3);
const RSA = ALGORITHMS.slice(3, 9);
const ECDSA = ALGORITHMS.slice(9, 12);

/** Those that `sign` takes as its option. */
export const SIGNABLE: readonly string[] = [...ALGORITHMS, "none"];

/**
 * What a key serves unless `algorithms` says more closely: for the types that npm jsonwebtoken knows, the same as
 * there.
 */
export function usualAlgorithms(type: string, asymmetricKeyType?: string, curve?: string): readonly string[] {
  if (type === "secret") return HMAC;
  switch (asymmetricKeyType) {
    case "ec":
      return curve === "secp256k1" ? ["ES256K"] : ECDSA;
    case "ed25519":
      return ["EdDSA", "Ed25519"];
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      return [asymmetricKeyType.toUpperCase()];
    default:
      return RSA;
  }
}

/** A bit for each HMAC algorithm that is in the list. */
export function hmacBits(algorithms: readonly unknown[]): number {
  let bits = 0;
  for (const name of algorithms) {
    const place = HMAC.indexOf(name as string);
    if (place >= 0) bits |= 1 << place;
  }
  return bits;
}

/** All of them. */
export const ALL_HMAC = hmacBits(HMAC);
