// Key pairs of access tokens and of proofs. The wasm of the session machine knows them by name alone; what they sign and
// verify goes through the seam for signatures.

import { core } from "../core/instance.js";
import { isBytes } from "../core/kinds.js";
import { ALGORITHMS } from "../jwt/algorithms.js";
import type { Key } from "../jwt/key.js";
import { isAsymmetric, keyMismatch } from "../jwt/key-fit.js";
import { HeldKey } from "../jwt/keys.js";
import { isKey, liveHandle, type NoKey } from "../jwt/owned-keys.js";
import { isSignedBy, ready, signInput } from "../jwt/seam.js";
import type { Jwk } from "../jwt/types.js";
import { SessionError, type SessionErrorCode } from "./errors.js";
import { refusal } from "./machine.js";
import type { KeyPairInput } from "./types.js";

/** A key pair, or the public half of one. */
export interface AccessPair {
  readonly kid: string;
  readonly algorithm: string;
  /** Whether the private half is there. */
  readonly signs: boolean;
  /** The public half. */
  readonly jwk: Jwk;
  /** Prepares for the first signature. */
  ready(): Promise<void>;
  /** The token of a signing input (RFC 7515 section 5.1). */
  sign(input: string): Promise<string>;
  /** Whether a token has a right signature. */
  verify(token: string): Promise<boolean>;
}

const ANY = { kid: undefined, algorithm: -1, isNamed: true };
/** The shortest modulus that signs (RFC 7518 section 3.3). */
const MIN_RSA_BITS = 2048;

/**
 * Reads a key pair, or a public key. The algorithm is the one named, else the JWK's, else what the key is for; RS256 for a plain
 * RSA key. The name is the one given, else the JWK's, else the thumbprint (RFC 7638). Throws a `SessionError`.
 */
export function readPair({ kid, algorithm, key: material }: KeyPairInput): AccessPair {
  const jwk = typeof material === "string" || isBytes(material) ? undefined : (material as Jwk);
  const held = new HeldKey(material, "sign");
  const key = found(held.get(ANY));
  if (key.type === "secret") throw refusal("ERR_KEY_INVALID");
  const signs = key.type === "private";
  // The public half of a pair has no limits of its own: a JWK that may only sign verifies what it has signed.
  const verifying = new HeldKey(signs ? publicHalf(key) : material, "verify");
  const serving = signs ? key : found(verifying.get(ANY));
  const alg = algorithmOf(serving, algorithm ?? jwk?.alg);
  const name = kid ?? jwk?.kid ?? (core().key_thumbprint(liveHandle(serving)) as string);
  const bare = core().key_to_jwk(liveHandle(serving), false) as Jwk;
  return {
    kid: name,
    algorithm: alg,
    signs,
    jwk: { ...bare, kid: name, alg, use: "sig" },
    ready: () => ready(held, alg),
    sign: (input) => signInput(input, alg, held),
    verify: (token) => isSignedBy(token, alg, verifying),
  };
}

/** Whether a proof is signed by the key that it shows, which the machine has judged. */
export async function isProved(proof: string, { alg, jwk }: { alg: string; jwk: object }): Promise<boolean> {
  return isSignedBy(proof, alg, jwk);
}

function found(key: Key | NoKey): Key {
  if (isKey(key)) return key;
  throw refusal(key.code satisfies string as SessionErrorCode);
}

function publicHalf(key: Key): Uint8Array {
  const der = core().key_to_der(liveHandle(key), false);
  if (isBytes(der)) return der;
  throw refusal("ERR_KEY_INVALID");
}

function algorithmOf(key: Key, wanted: unknown): string {
  const serves = (alg: string) =>
    isAsymmetric(alg) &&
    keyMismatch(alg, key) === undefined &&
    (key.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) >= MIN_RSA_BITS;
  // The order of the algorithms is of some use: RS256 before PS256, EdDSA before its newer name.
  const alg = wanted ?? ALGORITHMS.find(serves);
  if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) throw refusal("ERR_KEY_UNSUPPORTED");
  const isAllowed = (key.allows >>> ALGORITHMS.indexOf(alg)) & 1;
  if (!isAllowed || !serves(alg)) throw new SessionError("ERR_KEY_INVALID", `the key is not usable for ${alg}`);
  return alg;
}
