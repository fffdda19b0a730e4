// The part of key pairs that sessions need, for access tokens and for proofs of possession. An entry that takes them hands it on; one that
// does not imports none of it, and refuses both.

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
  /** Reads a DPoP proof, which the message has, and judges it in all but its signature. Gives JSON. */
  readProof(message: Uint8Array): TextOrCode;
  /** Whether a proof is signed by the key that it shows, which has been judged. */
  isProved(proof: string, shown: { readonly alg: string; readonly jwk: object }): Promise<boolean>;
}

/** The error where there is no such seam. */
export function needsPairs(what: string): SessionError {
  const cure = "createSessions of tandem-jwt/session: that of tandem-jwt/lite takes only secrets";
  return new SessionError("ERR_KEY_UNSUPPORTED", `${what} need ${cure}`);
}
