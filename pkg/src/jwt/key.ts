// A key of any kind, described in Node's terms.

import type { ErrorCode } from "../core/errors.js";
import type { Instance } from "../core/instance.js";
import type { Arithmetic } from "./pairs.js";

/** A key that the wasm holds, described as Node describes a `KeyObject`. */
export interface Key {
  readonly type: "secret" | "public" | "private";
  readonly asymmetricKeyType?: string;
  readonly asymmetricKeyDetails?: {
    /** In bits. */
    readonly modulusLength?: number;
    /** By its name in Node, such as `prime256v1`. */
    readonly namedCurve?: string;
    /** The parameters of an `rsa-pss` key, if it has any; the length of the salt is in bytes. */
    readonly hashAlgorithm?: string;
    readonly mgf1HashAlgorithm?: string;
    readonly saltLength?: number;
  };
  /** Its handle in the wasm instance that made it; -1 for a key that the wasm cannot use, or does not hold. */
  readonly handle: number;
  /** The wasm that holds it. */
  readonly home: Instance;
  /** The number of the instance of that wasm. */
  readonly instance: number;
  /** Signs and verifies with a key of a pair. A secret has none, since its home does both. */
  readonly arithmetic?: Arithmetic;
  /** Set for a key that the host holds, and that only its WebCrypto can use. */
  readonly crypto?: CryptoKey;
  /** Set when its owner has dropped it. */
  isDropped?: true;
  /** A bit for each algorithm that it may serve: a JWK can restrict its key by `alg`, `use` and `key_ops`. */
  readonly allows: number;
}

/** A key that could not be used, and why. */
export interface NoKey {
  readonly handle?: undefined;
  readonly code: ErrorCode;
  /** The cause, where it is known. */
  readonly why?: string | undefined;
}

/** The purpose of a key: where a file holds both halves, the private one signs and the public one verifies. */
export type Purpose = "sign" | "verify";

/** Which key of a set is meant (RFC 7517 §4.5). */
export interface Wanted {
  /** From the header of a token, so it may be any value that a stranger wrote. */
  readonly kid: unknown;
  /** The number of the algorithm. */
  readonly algorithm: number;
  /** Whether the caller has named the algorithms, so that a stranger's header does not choose among all of them. */
  readonly isNamed: boolean;
}

/** The value of `allows` for a key without restrictions. */
export const ALL_ALGORITHMS = 0xffff_ffff;

/** No key, and nothing more to say about it. */
export const NO_KEY: NoKey = { code: "ERR_KEY_INVALID" };
