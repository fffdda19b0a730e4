import type { Algorithm as Any } from "tandem-jwt";

/** An algorithm that the bench offers: any except `none`, which has no key. */
export type Algorithm = Exclude<Any, "none">;

/** Every algorithm that takes a key, by family. */
export const FAMILIES: readonly (readonly [name: string, algorithms: readonly Algorithm[]])[] = [
  ["HMAC", ["HS256", "HS384", "HS512"]],
  ["RSA", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]],
  ["ECDSA", ["ES256", "ES384", "ES512", "ES256K"]],
  ["EdDSA", ["EdDSA", "Ed25519"]],
  ["ML-DSA", ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"]],
];

/** Whether both sides use the same key. */
export function isHmac(algorithm: Algorithm): boolean {
  return algorithm.startsWith("HS");
}

/** Whether an RSA key serves the algorithm. One pair serves all six, and takes the longest to generate. */
export function isRsa(algorithm: Algorithm): boolean {
  return /^[RP]S/.test(algorithm);
}
