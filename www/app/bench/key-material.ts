/** Keys that are generated in the page, and the formats in which it shows them. */
import type { Jwk } from "tandem-jwt";
import { type Algorithm, isHmac, isRsa } from "./algorithms.js";
import { arrived } from "./library.js";

/** For a secret, "pem" is its text. */
export type Spelling = "pem" | "jwk" | "jwks";

/** A key in each format, for the signer and for the verifier. A secret is the same for both. */
export interface Material {
  readonly sign: Record<Spelling, string>;
  readonly verify: Record<Spelling, string>;
  /** Names the key in a set. */
  readonly kid: string;
}

/** A pair generated in the page, once the package for pairs is loaded; for HMAC a text that both sides share. */
export function makeKey(algorithm: Algorithm): Material {
  if (isHmac(algorithm)) return secretOf(algorithm, randomText());
  const { generateKey } = arrived();
  // Every RSA algorithm uses the same kind of key, and `pairOf` writes the chosen algorithm into the JWK.
  if (isRsa(algorithm)) return pairOf(algorithm, generateKey("RS256"));
  return pairOf(algorithm, generateKey(algorithm as Exclude<Algorithm, "HS256" | "HS384" | "HS512">));
}

/** Reuses a key for another algorithm of its family, because generating an RSA pair takes a while. */
export function reuse(algorithm: Algorithm, { sign, verify }: Material): Material {
  const [privateJwk, publicJwk] = [JSON.parse(sign.jwk), JSON.parse(verify.jwk)] as [Jwk, Jwk];
  return pairOf(algorithm, { privateKey: sign.pem, publicKey: verify.pem, privateJwk, publicJwk });
}

function pairOf(
  algorithm: Algorithm,
  made: { privateKey: string; publicKey: string; privateJwk: Jwk; publicJwk: Jwk },
): Material {
  // `alg` restricts a JWK to one algorithm (RFC 7517 §4.4), so it has to follow the choice.
  const spelled = (pem: string, jwk: Jwk): Record<Spelling, string> => ({
    pem: pem.trim(),
    ...jsonOf({ ...jwk, alg: algorithm }),
  });
  return {
    sign: spelled(made.privateKey, made.privateJwk),
    verify: spelled(made.publicKey, made.publicJwk),
    kid: String(made.publicJwk.kid),
  };
}

/** A text as a secret. Its JWK holds its bytes in base64url (RFC 7518 §6.4.1). */
export function secretOf(algorithm: Algorithm, text: string): Material {
  const bytes = new TextEncoder().encode(text);
  const k = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
  const kid = "shared";
  const spelled = { pem: text, ...jsonOf({ kty: "oct", k, alg: algorithm, kid }) };
  return { sign: spelled, verify: spelled, kid };
}

function jsonOf(jwk: Jwk): { jwk: string; jwks: string } {
  return { jwk: JSON.stringify(jwk, null, 1), jwks: JSON.stringify({ keys: [jwk] }, null, 1) };
}

/** A secret as long as the longest hash. */
function randomText(): string {
  // 48 bytes are 64 characters of base64, and the characters themselves are the secret.
  const bytes = crypto.getRandomValues(new Uint8Array(48));
  return btoa(String.fromCharCode(...bytes));
}

/** Parses a key that the visitor typed: JSON is a JWK or a set, anything else is text, including PEM. */
export function keyFrom(text: string): string | Jwk {
  const trimmed = text.trim();
  // White space is part of a secret, so it is kept. PEM does not need it.
  if (!trimmed.startsWith("{")) return trimmed.startsWith("-----BEGIN") ? trimmed : text;
  try {
    return JSON.parse(trimmed) as Jwk;
  } catch {
    throw new SyntaxError("The key begins like JSON but is not JSON.");
  }
}
