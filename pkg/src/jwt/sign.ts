// sign: options and payload to claims, claims to JSON, JSON to the wasm.

import type { CreateSigner, Sign, SignAsync } from "./api.js";
import { encode, type Prepared } from "./encode.js";
import type { Key } from "./key.js";
import { keyError } from "./key-fit.js";
import { HeldKey, type KeyReader } from "./keys.js";
import { isAlive } from "./owned-keys.js";
import { payloadText } from "./payload.js";
import { makeClaims } from "./sign-claims.js";
import { bindKey, checkFit } from "./sign-key.js";
import { checkSignOptions } from "./sign-options.js";
import type { JwtHeader, SignCallback, SignOptions } from "./types.js";

/** Makes `sign` for the keys that a reader reads. */
export function makeSign(reader: KeyReader): Sign {
  return function sign(
    payload: unknown,
    key: unknown,
    options?: SignOptions | SignCallback | null,
    callback?: SignCallback,
  ): unknown {
    const given = typeof options === "function" ? {} : options || {};
    const receive = typeof options === "function" ? options : callback;
    if (typeof receive !== "function") return signNow(reader, payload, key, given);
    let token: string;
    try {
      token = signNow(reader, payload, key, given);
    } catch (error) {
      // A failure arrives at once and a success on a later tick, as in npm jsonwebtoken.
      return receive(error as Error);
    }
    queueMicrotask(() => receive(null, token));
    return undefined;
  } as Sign;
}

function signNow(reader: KeyReader, payload: unknown, key: unknown, options: SignOptions): string {
  return prepare(reader, payload, key, options, (prepared) => {
    if (prepared.bound?.crypto) throw keyError("a CryptoKey signs asynchronously: use signAsync");
    return encode(prepared);
  });
}

/** Makes `signAsync` for the keys that a reader reads. */
export function makeSignAsync(reader: KeyReader): SignAsync {
  return async function signAsync(payload, key, options) {
    const found: unknown = await (typeof key === "function" ? key() : key);
    return prepare(reader, payload, found, options || {}, encodeInTime);
  };
}

/** The token, signed by WebCrypto where it is faster, or where it holds the key. */
function encodeInTime(prepared: Prepared): string | Promise<string> {
  const { header, bound } = prepared;
  const { arithmetic, crypto } = bound ?? {};
  if (bound === undefined || arithmetic === undefined) return encode(prepared);
  const { alg } = header;
  // Without `bound` the token ends in a dot and an empty signature; `slice(0, -1)` takes that dot off again.
  const unsignedOf = (claims: unknown): string => encode({ ...prepared, claims, isDefault: false, bound: undefined });
  const sign = async (key: CryptoKey, unsigned: string): Promise<string> =>
    unsigned + (await arithmetic.signByCrypto(key, alg, unsigned.slice(0, -1)));
  if (crypto) {
    const served = crypto.usages.includes("sign") ? arithmetic.servedBy(crypto) : [];
    if (!served.includes(alg))
      throw keyError(`this CryptoKey is for ${served.join(" and ") || "no algorithm"}, not ${alg}`);
    const unsigned = unsignedOf(prepared.claims);
    const signature = arithmetic.signAtOnce(crypto, alg, unsigned.slice(0, -1));
    return signature === undefined ? sign(crypto, unsigned) : unsigned + signature;
  }
  const lent = bound.type === "private" ? arithmetic.lent(bound, alg) : undefined;
  if (lent === undefined) return encode(prepared);
  // The payload is written now, so that changes by the caller while the key is imported do not reach the token.
  const claims = payloadText(prepared.claims);
  return lent.then((key) => (key === null ? encode({ ...prepared, claims }) : sign(key, unsignedOf(claims))));
}

/**
 * Makes `createSigner` for the keys that a reader reads. The options are checked at once, and the bytes of a key are
 * copied, so that overwriting them later changes nothing.
 */
export function makeCreateSigner(reader: KeyReader): CreateSigner {
  return function createSigner(key, options = {}) {
    checkSignOptions(options);
    // An unsecured token has no key to hold.
    const held = key ? new HeldKey(reader, key, "sign") : key;
    const kept = Object.freeze({ ...options });
    return (payload) => signNow(reader, payload, held, kept);
  };
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

function prepare<T>(
  reader: KeyReader,
  payload: unknown,
  key: unknown,
  given: SignOptions,
  use: (prepared: Prepared) => T,
): T {
  const options: SignOptions = { ...NO_OPTIONS, ...given };
  const isObject = typeof payload === "object" && !isBuffer(payload);
  const header = makeHeader(options, isObject);
  const bound = bindKey(reader, key, options, header);
  const claims = makeClaims(payload, isObject, options, () => {
    // The options as they were given: one that is present and undefined is refused, as in npm jsonwebtoken.
    checkSignOptions(given);
    checkFit(bound, options, header.alg);
  });
  const isDefault = isObject && options.keyid === undefined && !options.header;
  const rebind = (): Key | undefined =>
    bound === undefined || isAlive(bound) ? bound : bindKey(reader, key, options, header);
  const { encoding } = options;
  // For `none` the key is left out, and so cannot sign, even if one was given.
  return use({ header, isDefault, claims, encoding, bound: header.alg === "none" ? undefined : bound, rebind });
}

function makeHeader(options: SignOptions, isObject: boolean): JwtHeader {
  // The order of the members is the order in the token, which is byte for byte that of npm jsonwebtoken.
  const header = { alg: options.algorithm || "HS256", typ: isObject ? "JWT" : undefined, kid: options.keyid };
  return Object.assign(header, options.header);
}

/** A Node Buffer is a payload of text. Other byte arrays are not payloads, as in npm jsonwebtoken. */
function isBuffer(value: unknown): value is Uint8Array {
  return typeof Buffer !== "undefined" && Buffer.isBuffer(value);
}
