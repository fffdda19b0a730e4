// A key of any kind, described in Node's terms.

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
  /** Its handle in the wasm instance that made it; -1 for a key that the wasm cannot use, or does not hold. */
  readonly handle: number;
  /** The number of that instance. */
  readonly instance: number;
  /** Set for a key that the host holds, and that only its WebCrypto can use. */
  readonly crypto?: CryptoKey;
  /** Set when its owner has dropped it. */
  isDropped?: true;
  /** A bit for each algorithm that it may serve: a JWK can restrict its key by `alg`, `use` and `key_ops`. */
  readonly allows: number;
}

/** The value of `allows` for a key without restrictions. */
export const ALL_ALGORITHMS = 0xffff_ffff;
