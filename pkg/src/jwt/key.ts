// A key of any kind, in the words of Node.

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
  /** Its handle in the wasm instance that made it; -1 if its kind is known and nothing here can use it. */
  readonly handle: number;
  /** The number of that instance. */
  readonly instance: number;
  /** The key is the host's own, and used by its WebCrypto alone. */
  readonly crypto?: CryptoKey;
  /** Set when its owner has dropped it. */
  isDropped?: true;
  /** The algorithms that it may serve, a bit for each number: a JWK can limit its key by `alg`, `use` and `key_ops`. */
  readonly allows: number;
}

/** What a key without limits allows. */
export const ALL_ALGORITHMS = 0xffff_ffff;
