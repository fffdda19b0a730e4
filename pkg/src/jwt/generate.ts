// Generates keys, and names keys by their thumbprint.

import { type ErrorCode, tandemError } from "../core/errors.js";
import { keys } from "../core/keys.js";
import { ALGORITHMS } from "./algorithms.js";
import { keyError } from "./key-fit.js";
import type { Algorithm, Jwk } from "./types.js";

/** A new secret. */
export interface GeneratedSecret {
  readonly jwk: Jwk;
}

/** A new key pair, as PEM and as JWK. */
export interface GeneratedPair {
  /** SPKI PEM. */
  readonly publicKey: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  readonly publicJwk: Jwk;
  readonly privateJwk: Jwk;
}

/** How to generate a key. */
export interface GenerateOptions {
  /** The bits of an RSA modulus. Default 2048, which is also the least. */
  modulusLength?: number | undefined;
}

/**
 * Generates a key for an algorithm from the host's random bytes: a secret as long as its hash, or a pair. The JWKs
 * carry `alg`, and as `kid` the thumbprint of RFC 7638. Throws an `Error` with a `code` for an algorithm that takes no
 * key.
 *
 * ```js
 * const { privateKey, publicKey } = generateKey("ES256");
 * verify(sign({ sub: "ada" }, privateKey, { algorithm: "ES256" }), publicKey);
 * ```
 */
export function generateKey(algorithm: "HS256" | "HS384" | "HS512"): GeneratedSecret;
export function generateKey(
  algorithm: Exclude<Algorithm, "none" | "HS256" | "HS384" | "HS512">,
  options?: GenerateOptions,
): GeneratedPair;
export function generateKey(
  algorithm: string,
  { modulusLength = 2048 }: GenerateOptions = {},
): GeneratedSecret | GeneratedPair {
  const number = ALGORITHMS.indexOf(algorithm);
  if (number < 0) throw tandemError("ERR_JWT_ALGORITHM", '"algorithm" must be one that takes a key');
  // RFC 7518 §3.3 asks for 2048 bits or more, and a modulus of more than 16384 bits is not read back.
  if (!Number.isInteger(modulusLength) || modulusLength < 2048 || modulusLength > 16384) {
    throw tandemError("ERR_JWT_OPTIONS", '"modulusLength" must be a number of bits from 2048 to 16384');
  }
  try {
    const { error_code, key_drop, key_generate, key_thumbprint, key_to_jwk, key_to_pem } = keys.exports();
    const key = key_generate(number, modulusLength);
    if (key < 0) throw keyError("the key could not be generated", error_code(key) as ErrorCode);
    const named = (isPrivate: boolean): Jwk => ({
      ...(key_to_jwk(key, isPrivate) as Jwk),
      alg: algorithm,
      kid: key_thumbprint(key) as string,
    });
    // A secret has no public half, so one JWK is the whole of it.
    const made = algorithm.startsWith("HS")
      ? { jwk: named(true) }
      : {
          publicKey: key_to_pem(key, false) as string,
          privateKey: key_to_pem(key, true) as string,
          publicJwk: named(false),
          privateJwk: named(true),
        };
    // The wasm forgets the private key here: the caller has it as text, and reads it again to sign.
    key_drop(key);
    return made;
  } catch (error) {
    keys.isDoubted = true;
    throw keys.recover(error);
  }
}
