// The interfaces behind key pairs, JWKs and keys of WebCrypto. An entry that takes such keys hands the implementations
// on, and one that does not imports none of them.

import type { Key, NoKey, Purpose, Wanted } from "./key.js";

/** Reads such keys. */
export interface Pairs {
  /** The key in text or bytes, whose form shows in their contents. */
  keyOfFile(file: string | Uint8Array, purpose: Purpose): Key | NoKey;
  /** The key of an object that is neither bytes nor a secret. */
  keyOf(material: object, purpose: Purpose, wanted: Wanted): Key | NoKey;
  /** Finds the key in a copy of a JWK or a set; undefined for what is neither. */
  held(material: unknown, purpose: Purpose): ((wanted: Wanted) => Key | NoKey) | undefined;
  /** Whether a value is a key of WebCrypto. */
  isCryptoKey(value: unknown): value is CryptoKey;
}

/** Signs and verifies with such keys. Each key that `Pairs` reads carries it. */
export interface Arithmetic {
  /** The token of a header and a payload, signed by a private key: by the host where it can, else by the wasm. */
  signParts(head: Uint8Array, body: Uint8Array, alg: string, key: Key): string;
  /** The host's verdict on a signature; undefined where it has none. */
  judgedByHost(key: Key, alg: string, signingInput: string, signature: string): boolean | undefined;
  /** Whether the token of this length that stands in the input is signed by this key: 1, or the number of an error. */
  matches(number: number, algorithm: number, length: number): number;

  /** The key as WebCrypto has it: undefined where that is not faster, a promise of null where it refuses the key. */
  lent(key: Key, alg: string): Promise<CryptoKey | null> | undefined;
  /** The algorithms that a key of WebCrypto serves. */
  servedBy(key: CryptoKey): readonly string[];
  /**
   * The signature that `node:crypto` makes with a key of WebCrypto, encoded; undefined where WebCrypto is to make it.
   */
  signAtOnce(key: CryptoKey, alg: string, signingInput: string): string | undefined;
  /** The verdict of `node:crypto` on a signature by a CryptoKey; undefined where WebCrypto has to judge it. */
  judgedAtOnce(key: CryptoKey, alg: string, signature: Uint8Array, signingInput: string): boolean | undefined;
  /** The signature that WebCrypto makes of a token's first two parts, encoded. */
  signByCrypto(key: CryptoKey, alg: string, signingInput: string): Promise<string>;
  /** Whether WebCrypto finds a signature right. */
  verifyByCrypto(
    key: CryptoKey,
    alg: string,
    signature: Uint8Array<ArrayBuffer>,
    signingInput: string,
  ): Promise<boolean>;
}
