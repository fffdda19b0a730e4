// sign: options and payload to claims, claims to JSON, JSON to the wasm.

import { encode, type Prepared } from "./encode.js";
import type { Key } from "./key.js";
import { keyError } from "./key-fit.js";
import { HeldKey } from "./keys.js";
import { lentCounts, lentKey } from "./lent-keys.js";
import { isAlive } from "./owned-keys.js";
import { payloadText } from "./payload.js";
import { makeClaims } from "./sign-claims.js";
import { bindKey, checkFit } from "./sign-key.js";
import { checkOptions } from "./sign-options.js";
import type { CryptoKeyLike, JwtHeader, PrivateKey, Secret, SignCallback, SignOptions } from "./types.js";
import { servedBy, signByHost } from "./webcrypto.js";

type Payload = string | Uint8Array | object;

/**
 * Signs a payload and returns the token (RFC 7519 §7.1).
 *
 * An object gets `iat`, and the claims that the options ask for; times are seconds. With a callback, a success
 * arrives on a later tick and a failure at once. Throws an `Error` with a `code` for options, payloads and keys that
 * do not fit.
 */
export function sign(payload: Payload, key: Secret | PrivateKey, options?: SignOptions): string;
export function sign(payload: Payload, key: Secret | PrivateKey, callback: SignCallback): void;
export function sign(payload: Payload, key: Secret | PrivateKey, options: SignOptions, callback: SignCallback): void;
export function sign(payload: Payload, key: null, options?: SignOptions & { algorithm: "none" }): string;
export function sign(
  payload: Payload,
  key: null,
  options: SignOptions & { algorithm: "none" },
  callback: SignCallback,
): void;
export function sign(
  payload: unknown,
  key: unknown,
  options?: SignOptions | SignCallback | null,
  callback?: SignCallback,
): unknown {
  const given = typeof options === "function" ? {} : options || {};
  const receive = typeof options === "function" ? options : callback;
  if (typeof receive !== "function") return signNow(payload, key, given);
  let token: string;
  try {
    token = signNow(payload, key, given);
  } catch (error) {
    return receive(error as Error);
  }
  queueMicrotask(() => receive(null, token));
  return undefined;
}

function signNow(payload: unknown, key: unknown, options: SignOptions): string {
  return prepare(payload, key, options, (prepared) => {
    if (prepared.bound?.crypto) throw keyError("a CryptoKey signs in its own time: use signAsync");
    return encode(prepared);
  });
}

/**
 * Signs as `sign` does, and returns a promise of the token.
 *
 * The key may also be a `CryptoKey`, extractable or not, a promise of a key, or a function that returns one or the
 * other.
 */
export async function signAsync(payload: Payload, key: AsyncKey | null, options?: SignOptions): Promise<string> {
  const found: unknown = await (typeof key === "function" ? key() : key);
  return prepare(payload, found, options || {}, (prepared) => {
    const { header, bound } = prepared;
    if (!bound?.crypto) return encodeInTime(prepared);
    const { crypto } = bound;
    const served = crypto.usages.includes("sign") ? servedBy(crypto) : [];
    if (!served.includes(header.alg))
      throw keyError(`this CryptoKey serves ${served.join(" and ") || "no algorithm"}, not ${header.alg}`);
    const unsigned = encode({ ...prepared, isDefault: false, bound: undefined });
    return signByHost(crypto, header.alg, unsigned.slice(0, -1)).then((signature) => unsigned + signature);
  });
}

/** The token, signed by WebCrypto where that is faster. */
function encodeInTime(prepared: Prepared): string | Promise<string> {
  const { header, bound } = prepared;
  const lent = bound?.type === "private" ? lentKey(bound, header.alg) : undefined;
  if (lent === undefined) return encode(prepared);
  // The payload is written now, so that changes by the caller while the key is imported do not reach the token.
  const fixed = { ...prepared, claims: payloadText(prepared.claims) };
  return lent.then(async (key) => {
    if (key === null) return encode(fixed);
    const unsigned = encode({ ...fixed, isDefault: false, bound: undefined });
    lentCounts.sign += 1;
    return unsigned + (await signByHost(key, header.alg, unsigned.slice(0, -1)));
  });
}

/** What `signAsync` takes as a key beside what `sign` takes. */
export type AsyncKey =
  | Secret
  | PrivateKey
  | CryptoKeyLike
  | Promise<Secret | PrivateKey | CryptoKeyLike>
  | (() => AsyncKey | Promise<AsyncKey>);

/**
 * A function that signs many tokens with one key and these options. The options are checked now, and the bytes of a key
 * are copied now, so that overwriting them later changes nothing.
 */
export function createSigner(key: Secret | PrivateKey, options: SignOptions = {}): (payload: Payload) => string {
  checkOptions(options);
  // An unsecured token has no key to hold.
  const held = key ? new HeldKey(key, "sign") : key;
  const kept = Object.freeze({ ...options });
  return (payload) => signNow(payload, held, kept);
}

/** Every option as an own member, so that none is read from a polluted prototype. */
const NO_OPTIONS: Required<{ [Name in keyof SignOptions]: undefined }> = {
  algorithm: undefined,
  keyid: undefined,
  expiresIn: undefined,
  notBefore: undefined,
  audience: undefined,
  subject: undefined,
  issuer: undefined,
  jwtid: undefined,
  mutatePayload: undefined,
  noTimestamp: undefined,
  header: undefined,
  encoding: undefined,
  allowInsecureKeySizes: undefined,
  allowInvalidAsymmetricKeyTypes: undefined,
};

function prepare<T>(payload: unknown, key: unknown, given: SignOptions, use: (prepared: Prepared) => T): T {
  const options: SignOptions = { ...NO_OPTIONS, ...given };
  const isObject = typeof payload === "object" && !isBuffer(payload);
  const header = makeHeader(options, isObject);
  const bound = bindKey(key, options, header);
  const claims = makeClaims(payload, isObject, options, () => {
    // The options as they were given: one that is present and undefined is refused, as in npm jsonwebtoken.
    checkOptions(given);
    checkFit(bound, options, header.alg);
  });
  const isDefault = isObject && options.keyid === undefined && !options.header;
  const rebind = (): Key | undefined => (bound === undefined || isAlive(bound) ? bound : bindKey(key, options, header));
  const { encoding } = options;
  return use({ header, isDefault, claims, encoding, bound: header.alg === "none" ? undefined : bound, rebind });
}

function makeHeader(options: SignOptions, isObject: boolean): JwtHeader {
  const header = { alg: options.algorithm || "HS256", typ: isObject ? "JWT" : undefined, kid: options.keyid };
  return Object.assign(header, options.header);
}

/** A Node Buffer is a payload of text. Other byte arrays are not payloads, as in npm jsonwebtoken. */
function isBuffer(value: unknown): value is Uint8Array {
  return typeof Buffer !== "undefined" && Buffer.isBuffer(value);
}
