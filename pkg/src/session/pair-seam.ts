// What sessions need of key pairs, for access tokens and for proofs of possession. An entry that supports them hands
// the implementation on; any other entry imports none of it, and refuses both.

import type { Jwk } from "../jwt/types.js";
import { SessionError, type TextOrCode } from "./errors.js";
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

/** Reads key pairs and proofs. */
export interface PairSeam {
  /** Reads a key pair, or a public key. Throws a `SessionError`. */
  readPair(input: KeyPairInput): AccessPair;
  /** Reads the DPoP proof in a message, and checks everything but its signature. Returns JSON. */
  readProof(message: Uint8Array): TextOrCode;
  /** Whether a proof is signed by the key in its header, which was checked before. */
  isProved(proof: string, shown: { readonly alg: string; readonly jwk: object }): Promise<boolean>;
}

/** The error of an entry without the seam. */
export function needsPairs(what: string): SessionError {
  const cure = "createSessions of tandem-jwt/session: that of tandem-jwt/lite takes only secrets";
  return new SessionError("ERR_KEY_UNSUPPORTED", `${what} need ${cure}`);
}
