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
  /** Its number in the instance that made it; -1 if its kind is known and nothing here can use it. */
  readonly number: number;
  /** That instance. */
  readonly made: number;
  /** The key is the host's own, and used by its WebCrypto alone. */
  readonly crypto?: CryptoKey;
  /**
   * The one algorithm that a host may use it with, where a JWK limits the key; "" where the wasm alone knows the limits, and
   * undefined where there are none.
   */
  readonly only?: string;
  /** Kept for the next call. What is not must be dropped after use, by `done`. */
  readonly kept: boolean;
}
