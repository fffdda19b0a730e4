// The algorithms: one table, from which everything else about them derives.

/** The facts about an algorithm. */
export interface AlgorithmFacts {
  /** The types of key pairs that serve it, in Node's words; none for an algorithm that takes a secret. */
  readonly keyTypes: readonly string[];
  /** The length of its hash, in bits; undefined where the algorithm fixes its own. */
  readonly bits?: number;
  /** The curve of its keys, for ECDSA. */
  readonly curve?: CurveFacts;
  /** Its name in WebCrypto, where hosts have it. */
  readonly webCrypto?: string;
  /**
   * The hosts that its arithmetic is lent to: all of them, or those with `node:crypto`. HMAC is not lent: the wasm is
   * faster, since no call leaves it. Browsers refuse Ed25519 signatures whose points are of small order; the wasm and
   * `node:crypto` judge them by the equation alone (RFC 8032 §5.1.7). ES256K and ML-DSA are not in every host.
   */
  readonly lent?: "all" | "node";
}

/** A curve for ECDSA, by its names. */
interface CurveFacts {
  /** In Node and OpenSSL. */
  readonly node: string;
  /** In a JWK, and in WebCrypto where it has the curve. */
  readonly jwk: string;
  /** The length of r and of s in a signature, in bytes. */
  readonly scalarLength: number;
}

const hmac = (bits: number): AlgorithmFacts => ({ keyTypes: [], bits, webCrypto: "HMAC" });
// A key of type `rsa-pss` is bound to PSS by its own identifier (RFC 4055 §1.2), so PKCS#1 v1.5 takes `rsa` keys alone.
const pkcs1 = (bits: number): AlgorithmFacts => ({
  keyTypes: ["rsa"],
  bits,
  webCrypto: "RSASSA-PKCS1-v1_5",
  lent: "all",
});
const pss = (bits: number): AlgorithmFacts => ({
  keyTypes: ["rsa", "rsa-pss"],
  bits,
  webCrypto: "RSA-PSS",
  lent: "all",
});
const ecdsa = (bits: number, node: string, jwk: string, scalarLength: number): AlgorithmFacts => ({
  keyTypes: ["ec"],
  bits,
  curve: { node, jwk, scalarLength },
  webCrypto: "ECDSA",
  lent: "all",
});
// No `bits`: Ed25519 applies SHA-512 inside the scheme (RFC 8032 §5.1), so no host is told which hash to use.
const ed25519: AlgorithmFacts = { keyTypes: ["ed25519"], webCrypto: "Ed25519", lent: "node" };

/** In the order of their numbers at the wasm boundary, which is that of `Algorithm` in src/crypto/algorithm.rs. */
const TABLE = {
  HS256: hmac(256),
  HS384: hmac(384),
  HS512: hmac(512),
  RS256: pkcs1(256),
  RS384: pkcs1(384),
  RS512: pkcs1(512),
  PS256: pss(256),
  PS384: pss(384),
  PS512: pss(512),
  ES256: ecdsa(256, "prime256v1", "P-256", 32),
  ES384: ecdsa(384, "secp384r1", "P-384", 48),
  // 521 bits fill 65 bytes and one bit, so r and s take 66 bytes each (RFC 7518 §3.4).
  ES512: ecdsa(512, "secp521r1", "P-521", 66),
  // `EdDSA` (RFC 8037 §3.1) leaves the curve to the key. `Ed25519` (RFC 9864) names it. Both take the same keys here.
  EdDSA: ed25519,
  Ed25519: ed25519,
  // RFC 8812 §3.2. Without `webCrypto`, which has no secp256k1.
  ES256K: { keyTypes: ["ec"], bits: 256, curve: { node: "secp256k1", jwk: "secp256k1", scalarLength: 32 } },
  "ML-DSA-44": { keyTypes: ["ml-dsa-44"] },
  "ML-DSA-65": { keyTypes: ["ml-dsa-65"] },
  "ML-DSA-87": { keyTypes: ["ml-dsa-87"] },
} satisfies Record<string, AlgorithmFacts>;

/** The name of an algorithm that signs. */
export type AlgorithmName = keyof typeof TABLE;

/** A map, since names come from the headers of tokens: an object would answer to `constructor`. */
const FACTS: ReadonlyMap<string, AlgorithmFacts> = new Map(Object.entries(TABLE));

/** In the order of their numbers at the wasm boundary. */
export const ALGORITHMS: readonly string[] = [...FACTS.keys()];

/** The values that the option `algorithm` of `sign` takes. */
export const SIGNABLE: readonly string[] = [...ALGORITHMS, "none"];

/** The facts about an algorithm; undefined for any other text. */
export function factsOf(alg: string): AlgorithmFacts | undefined {
  return FACTS.get(alg);
}

/** The names of the algorithms for which something holds. */
export function algorithmsWhere(holds: (facts: AlgorithmFacts) => boolean): string[] {
  // `ALGORITHMS` lists the keys of `FACTS`, so each name has its facts.
  return ALGORITHMS.filter((name) => holds(FACTS.get(name)!));
}

const HMAC = algorithmsWhere(({ keyTypes }) => keyTypes.length === 0);

/** The curve that npm jsonwebtoken lacks: its messages about keys of type `ec` name only the other three. */
const SECP256K1 = "secp256k1";

/** The algorithms for each type of key pairs, in the order in which the messages of npm jsonwebtoken name them. */
const BY_TYPE: ReadonlyMap<string, readonly string[]> = byType();

function byType(): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  // Those messages go by hash first: RS256, PS256, RS384, and so on. `sort` is stable, so RS stays before PS.
  const byHash = [...FACTS].sort(([, a], [, b]) => (a.bits ?? 0) - (b.bits ?? 0));
  for (const [name, { keyTypes, curve }] of byHash) {
    if (curve?.node === SECP256K1) continue;
    for (const type of keyTypes) found.set(type, [...(found.get(type) ?? []), name]);
  }
  return found;
}

/** The algorithms for keys of a type, as npm jsonwebtoken lists them; undefined for a type that no algorithm takes. */
export function algorithmsOfType(type: string): readonly string[] | undefined {
  return BY_TYPE.get(type);
}

/**
 * The algorithms that a key serves unless the option `algorithms` names some. For the types of keys that npm
 * jsonwebtoken knows, they are the same as its own.
 */
export function defaultAlgorithms(type: string, asymmetricKeyType = "rsa", curve?: string): readonly string[] {
  if (type === "secret") return HMAC;
  // Checked before the type: such a key has the type `ec`, whose usual algorithms need other curves.
  if (curve === SECP256K1) return ["ES256K"];
  // An `rsa-pss` key gets the list of `rsa`, as in npm jsonwebtoken. `keyMismatch` then refuses RS256 and its kin.
  return (asymmetricKeyType !== "rsa-pss" && BY_TYPE.get(asymmetricKeyType)) || BY_TYPE.get("rsa")!;
}

/**
 * A bit for each HMAC algorithm in the list: bit 0 is HS256, bit 1 HS384, bit 2 HS512. The wasm takes the set as one
 * integer, so that nothing has to be allocated for a call. Other members of the list have no bit.
 */
export function hmacBits(algorithms: readonly unknown[]): number {
  let bits = 0;
  for (const name of algorithms) {
    const number = HMAC.indexOf(name as string);
    if (number >= 0) bits |= 1 << number;
  }
  return bits;
}

/** The set of every HMAC algorithm: the default for a secret. */
export const ALL_HMAC = hmacBits(HMAC);
