// Key pairs for access tokens and for proofs. The wasm of the session machine knows them by name alone; the seam for
// signatures signs and verifies with them.

import { keys } from "../core/keys.js";
import { isBytes } from "../core/kinds.js";
import { ALGORITHMS } from "../jwt/algorithms.js";
import type { Key, NoKey } from "../jwt/key.js";
import { isAsymmetric, keyMismatch } from "../jwt/key-fit.js";
import { HeldKey } from "../jwt/keys.js";
import { isKey, liveHandle } from "../jwt/owned-keys.js";
import { reader } from "../jwt/reader.js";
import { isSignedBy, ready, signInput } from "../jwt/seam.js";
import type { Jwk } from "../jwt/types.js";
import { SessionError, type SessionErrorCode } from "./errors.js";
import { attempt, refusal } from "./machine.js";
import type { AccessPair, PairSeam } from "./pair-seam.js";
import type { KeyPairInput } from "./types.js";

export const sessionPairs: PairSeam = {
  readPair,
  readProof: (message) => attempt(keys, (exports) => exports.dpop_read(message)),
  isProved: (proof, { alg, jwk }) => isSignedBy(proof, alg, jwk),
};

/** No token chooses among keys here, and the algorithm -1 refuses sets: a pair is one key. */
const ANY = { kid: undefined, algorithm: -1, isNamed: true };
/** The shortest modulus that signs (RFC 7518 section 3.3). */
const MIN_RSA_BITS = 2048;

/**
 * Reads a key pair, or a public key. The algorithm is the one named, else the JWK's, else what the key is for; RS256
 * for a plain RSA key. The name is the one given, else the JWK's, else the thumbprint (RFC 7638). Throws a
 * `SessionError`.
 */
function readPair({ kid, algorithm, key: material }: KeyPairInput): AccessPair {
  const jwk = typeof material === "string" || isBytes(material) ? undefined : (material as Jwk);
  const held = new HeldKey(reader, material, "sign");
  const key = found(held.get(ANY));
  if (key.type === "secret") throw refusal("ERR_KEY_INVALID");
  const signs = key.type === "private";
  // The public half of a pair has no limits of its own: a JWK that may only sign verifies what it has signed.
  const verifying = new HeldKey(reader, signs ? publicHalf(key) : material, "verify");
  const serving = signs ? key : found(verifying.get(ANY));
  const alg = algorithmOf(serving, algorithm ?? jwk?.alg);
  const name = kid ?? jwk?.kid ?? (keys.exports().key_thumbprint(liveHandle(serving)) as string);
  const bare = keys.exports().key_to_jwk(liveHandle(serving), false) as Jwk;
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

function found(key: Key | NoKey): Key {
  if (isKey(key)) return key;
  throw refusal(key.code satisfies string as SessionErrorCode);
}

function publicHalf(key: Key): Uint8Array {
  const der = keys.exports().key_to_der(liveHandle(key), false);
  if (isBytes(der)) return der;
  throw refusal("ERR_KEY_INVALID");
}

function algorithmOf(key: Key, wanted: unknown): string {
  const serves = (alg: string) =>
    isAsymmetric(alg) &&
    keyMismatch(alg, key) === undefined &&
    (key.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) >= MIN_RSA_BITS;
  // The first algorithm that the key fits: the table has RS256 before PS256, and EdDSA before its newer name.
  const alg = wanted ?? ALGORITHMS.find(serves);
  if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) throw refusal("ERR_KEY_UNSUPPORTED");
  const isAllowed = (key.allows >>> ALGORITHMS.indexOf(alg)) & 1;
  if (!isAllowed || !serves(alg)) throw new SessionError("ERR_KEY_INVALID", `the key cannot be used for ${alg}`);
  return alg;
}
