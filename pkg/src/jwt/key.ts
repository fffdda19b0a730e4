// A key of any kind, in the words of Node.

import type { ErrorCode } from "../core/errors.js";
import type { Instance } from "../core/instance.js";
import type { Arithmetic } from "./pairs.js";

/** A key that the wasm holds, described as Node describes a `KeyObject`. */
export interface Key {
  readonly type: "secret" | "public" | "private";
  readonly asymmetricKeyType?: string;
  readonly asymmetricKeyDetails?: {
    readonly modulusLength?: number;
    readonly namedCurve?: string;
    readonly hashAlgorithm?: string;
    readonly mgf1HashAlgorithm?: string;
    readonly saltLength?: number;
  };
  /** Its number in the instance that made it; -1 if its kind is known and nothing here can use it. */
  readonly number: number;
  /** The wasm that holds it. */
  readonly home: Instance;
  /** Which instance of that wasm made it. */
  readonly made: number;
  /** What signs and verifies with it, where it is no secret: its home does so with those. */
  readonly arithmetic?: Arithmetic;
  /** The key is the host's own, and used by its WebCrypto alone. */
  readonly crypto?: CryptoKey;
  /** Set when its owner has dropped it. */
  isDropped?: true;
  /** The algorithms that it may serve, a bit for each number: a JWK can limit its key by `alg`, `use` and `key_ops`. */
  readonly allows: number;
}

/** What is no key that could be used, and why. */
export interface NoKey {
  readonly number?: undefined;
  readonly code: ErrorCode;
  /** What is wrong, where there is more to say than that it is no key. */
  readonly why?: string | undefined;
}

/** What a key is wanted for: where there is a choice, a private key signs and a public one verifies. */
export type Purpose = "sign" | "verify";

/** Which key of a set is meant (RFC 7517 §4.5). */
export interface Wanted {
  /** As it stands in the header: anything, if a stranger wrote it. */
  readonly kid: unknown;
  /** The number of the algorithm. */
  readonly algorithm: number;
  /** Whether the caller has named the algorithms, so that the header does not choose among all. */
  readonly isNamed: boolean;
}

/** What a key without limits allows. */
export const ALL_ALGORITHMS = 0xffff_ffff;

/** What is none, and there is no more to say. */
export const NO_KEY: NoKey = { code: "ERR_KEY_INVALID" };
