// A set of public keys (RFC 7517 §5), read once, and the choice of one of them for a token.

import { keysError } from "./errors.js";

/**
 * A public key of a set: the members that verifying needs, and no private ones. A type alias, because an interface is
 * not assignable to `Jwk`, which takes any further member.
 */
export type SetKey = {
  readonly kty: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly crv?: string;
  readonly n?: string;
  readonly e?: string;
  readonly x?: string;
  readonly y?: string;
  readonly pub?: string;
};

/** A key that verifies tokens: a JWK, or the PEM text of an X.509 certificate. */
export type VerificationKey = SetKey | string;

/**
 * The members of a token's header that choose its key. A stranger may have written both, so they are only hints until
 * the signature is right.
 */
export interface KeyHeader {
  readonly alg?: unknown;
  readonly kid?: unknown;
}

/** More keys than this are refused: no issuer has them, and every search goes through all of them. */
export const MAX_KEYS = 100;

/** A key and its name in the set. */
export interface Entry {
  readonly kid: string | undefined;
  readonly key: VerificationKey;
}

// Whatever else a JWK holds is dropped: private members must not travel further, and `x5u` or `x5c` must not be taken
// for something that was checked.
const MEMBERS = ["kty", "kid", "alg", "crv", "n", "e", "x", "y", "pub"] as const;
// Each algorithm means one curve (RFC 7518 section 3.4, RFC 8812), and no other may serve it. `EdDSA` is the older name
// of what RFC 9864 calls `Ed25519`.
const CURVES: Readonly<Record<string, string>> = {
  ES256: "P-256",
  ES384: "P-384",
  ES512: "P-521",
  ES256K: "secp256k1",
  EdDSA: "Ed25519",
  Ed25519: "Ed25519",
};

/** Keys by name. The same key of a later set is the same object, so that whoever imported it need not do so again. */
export class KeySet {
  readonly #entries: readonly Entry[];

  private constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /**
   * Reads a JWK Set, or a map of names to X.509 certificates as Google publishes it. Keys that cannot verify are passed
   * over. A value that is not a set, or holds no key that can verify, is an `ERR_KEYS_UNAVAILABLE`.
   */
  static from(value: unknown, before?: KeySet): KeySet {
    const known = new Map((before ? before.#entries : []).map((entry) => [JSON.stringify(entry.key), entry.key]));
    const entries: Entry[] = [];
    for (const { kid, key } of candidates(value)) {
      entries.push({
        kid,
        // Frozen, because the caller and every importer share this object.
        key: known.get(JSON.stringify(key)) ?? (typeof key === "string" ? key : Object.freeze(key)),
      });
    }
    if (entries.length === 0) throw keysError("ERR_KEYS_UNAVAILABLE", "no key of the set can verify");
    return new KeySet(entries);
  }

  /**
   * The one key that fits the header, or undefined if there is none or more than one. A token without `kid` is served
   * where only one key fits, since RFC 7515 section 4.1.4 leaves `kid` optional. Of two keys of one `kid` the first is
   * not taken: the order of a set means nothing.
   */
  find({ alg, kid }: KeyHeader): VerificationKey | undefined {
    if (typeof alg !== "string" || (kid !== undefined && typeof kid !== "string")) return undefined;
    const fitting = this.#entries.filter((entry) => (kid === undefined || entry.kid === kid) && fits(entry.key, alg));
    return fitting.length === 1 ? fitting[0]?.key : undefined;
  }

  /** The one key of a name, whatever its algorithm; without a name the only key of the set. */
  named(kid: string | undefined): VerificationKey | undefined {
    const named = kid === undefined ? this.#entries : this.#entries.filter((entry) => entry.kid === kid);
    return named.length === 1 ? named[0]?.key : undefined;
  }

  /** All keys, in the issuer's order. */
  all(): readonly Entry[] {
    return this.#entries;
  }

  /** The error for a header that no key fits: it names the keys that there are. */
  notFound({ kid }: KeyHeader): Error {
    // Cut, because both sides of this sentence may come from strangers, and it may end up in a log.
    const names = this.#entries.map((entry) => JSON.stringify(entry.kid?.slice(0, 64) ?? null));
    const listed = names.slice(0, 10).join(", ");
    const wanted = typeof kid === "string" ? `kid ${JSON.stringify(kid.slice(0, 64))}` : "a token without kid";
    return keysError("ERR_KEY_NOT_FOUND", `no single key fits ${wanted}; the set has: ${listed}`);
  }
}

/**
 * The keys that a value holds. Entries that are not keys, or cannot verify, give nothing: one bad entry must not take
 * the good ones away (RFC 7517 section 5).
 */
function candidates(value: unknown): Entry[] {
  if (typeof value !== "object" || value === null) throw keysError("ERR_KEYS_UNAVAILABLE", "not a JWK Set");
  // A set of JWKs has the list `keys`. Without one the value is read as a map of names to certificates.
  const { keys } = value as { keys?: unknown };
  const listed = Array.isArray(keys) ? keys : Object.entries(value);
  if (listed.length > MAX_KEYS) throw keysError("ERR_KEYS_UNAVAILABLE", `a set of more than ${MAX_KEYS} keys`);
  return listed.flatMap(keys === listed ? fromJwk : fromCertificate);
}

/** A certificate under its name. Its text is only read when a token needs it. */
function fromCertificate([kid, key]: [string, unknown]): Entry[] {
  return typeof key === "string" && key.startsWith("-----BEGIN CERTIFICATE-----") ? [{ kid, key }] : [];
}

/** A JWK of a set, or nothing if it cannot verify a signature. */
function fromJwk(jwk: unknown): Entry[] {
  if (typeof jwk !== "object" || jwk === null) return [];
  const { kty, use, key_ops: operations, kid } = jwk as Record<string, unknown>;
  // Symmetric keys (`oct`) have no place among public ones: whoever can read the set could sign with them.
  if (typeof kty !== "string" || !["RSA", "EC", "OKP", "AKP"].includes(kty)) return [];
  // A key to encrypt with (`use: "enc"`) often has the type and size of one that signs (RFC 7517 sections 4.2 and 4.3).
  if (use !== undefined && use !== "sig") return [];
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) return [];
  const key: Record<string, string> = {};
  for (const member of MEMBERS) {
    // Own members alone: one that a polluted prototype has would be part of every key.
    const value = Object.hasOwn(jwk, member) ? (jwk as Record<string, unknown>)[member] : undefined;
    if (value !== undefined && typeof value !== "string") return [];
    if (value !== undefined) key[member] = value;
  }
  // An RSA key has a modulus and an exponent, an ML-DSA key names its algorithm, and the others have a curve and a
  // point. Whether the numbers are good is for the importer to say.
  const complete =
    (kty === "RSA" && key.n && key.e) || (kty === "AKP" && key.pub && key.alg) || (kty !== "RSA" && key.crv && key.x);
  return complete ? [{ kid: kid as string | undefined, key: key as unknown as SetKey }] : [];
}

/**
 * Whether a key can verify this algorithm. HS* and `none` fit nothing, so a token cannot turn a public key into a
 * secret (RFC 8725 section 2.1). The importer judges certificates.
 */
function fits(key: VerificationKey, alg: string): boolean {
  if (typeof key === "string") return /^(RS|PS|ES)(256|384|512)$/.test(alg);
  // One algorithm with two names, so a key of either serves a token of the other.
  const edwards = alg === "EdDSA" || alg === "Ed25519";
  if (key.alg !== undefined && key.alg !== alg && !(edwards && (key.alg === "EdDSA" || key.alg === "Ed25519")))
    return false;
  if (/^[RP]S(256|384|512)$/.test(alg)) return key.kty === "RSA";
  if (/^ML-DSA-(44|65|87)$/.test(alg)) return key.kty === "AKP";
  const curve = Object.hasOwn(CURVES, alg) ? CURVES[alg] : undefined;
  return curve !== undefined && key.crv === curve && key.kty === (edwards ? "OKP" : "EC");
}
