// sign: options and payload to claims, claims to JSON, JSON to the wasm.

import { core } from "../core/core.js";
import { tandemError } from "../core/errors.js";
import { TextEncoder } from "../core/text.js";
import { withCode } from "../core/with-code.js";
import { ALGORITHMS } from "./algorithms.js";
import type { CreateSigner, Sign, SignAsync } from "./api.js";
import { headerText } from "./header.js";
import type { Key } from "./key.js";
import { isAsymmetric, misfit, noMaterial, unfit } from "./key-fit.js";
import { HeldKey, type KeyReader } from "./keys.js";
import { isAlive, isKey, liveNumber } from "./owned-keys.js";
import { payloadBytes, payloadText } from "./payload.js";
import { checkNoClaims, checkOptions, checkPayload, wrong } from "./sign-options.js";
import { joined, tokenOf } from "./sign-parts.js";
import { after } from "./timespan.js";
import type { JwtHeader, JwtPayload, SignCallback, SignOptions } from "./types.js";

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
      return receive(error as Error);
    }
    queueMicrotask(() => receive(null, token));
    return undefined;
  } as Sign;
}

function signNow(reader: KeyReader, payload: unknown, key: unknown, options: SignOptions): string {
  return prepare(reader, payload, key, options, (prepared) => {
    if (prepared.bound?.crypto) throw unfit("a CryptoKey signs in its own time: use signAsync");
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

/** The token, signed by WebCrypto where that is faster, or holds the key. */
function encodeInTime(prepared: Prepared): string | Promise<string> {
  const { header, bound } = prepared;
  const { arithmetic, crypto } = bound ?? {};
  if (bound === undefined || arithmetic === undefined) return encode(prepared);
  const sign = (key: CryptoKey, claims: unknown): Promise<string> => {
    const unsigned = encode({ ...prepared, claims, usual: false, bound: undefined });
    return arithmetic.signByCrypto(key, header.alg, unsigned.slice(0, -1)).then((signature) => unsigned + signature);
  };
  if (crypto) {
    const served = crypto.usages.includes("sign") ? arithmetic.servedBy(crypto) : [];
    if (served.includes(header.alg)) return sign(crypto, prepared.claims);
    throw unfit(`this CryptoKey serves ${served.join(" and ") || "no algorithm"}, not ${header.alg}`);
  }
  const lent = bound.type === "private" ? arithmetic.lent(bound, header.alg) : undefined;
  if (lent === undefined) return encode(prepared);
  // What the caller changes while the key is on its way does not change the token.
  const claims = payloadText(prepared.claims);
  return lent.then((key) => (key === null ? encode({ ...prepared, claims }) : sign(key, claims)));
}

/** Makes `createSigner` for the keys that a reader reads. */
export function makeCreateSigner(reader: KeyReader): CreateSigner {
  return function createSigner(key, options = {}) {
    checkOptions(options);
    // No key is none to hold: an unsecured token has none.
    const held = key ? new HeldKey(reader, key, "sign") : key;
    const kept = Object.freeze({ ...options });
    return (payload) => signNow(reader, payload, held, kept);
  };
}

/** All that is decided before anything is signed. */
interface Prepared {
  readonly header: JwtHeader;
  /** Whether the header is `{"alg":…,"typ":"JWT"}`, which the wasm keeps encoded. */
  readonly usual: boolean;
  readonly claims: unknown;
  /** How the payload's text becomes bytes. */
  readonly encoding: string | undefined;
  /** Undefined for an unsecured token. */
  readonly bound: Key | undefined;
  /** The key, looked up again if code of the caller, such as a `toJSON`, has driven it out of its cache meanwhile. */
  readonly rebind: () => Key | undefined;
}

/** Every option as a member of its own, so that none is read from a prototype that somebody has polluted. */
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
  finish: (prepared: Prepared) => T,
): T {
  const options: SignOptions = { ...NO_OPTIONS, ...given };
  const isObject = typeof payload === "object" && !isBuffer(payload);
  const header = makeHeader(options, isObject);
  const bound = bindKey(reader, key, options, header);
  const claims = makeClaims(payload, isObject, options, () => {
    // What was given: an option that is there and undefined is refused, as in npm jsonwebtoken.
    checkOptions(given);
    checkFit(bound, options, header.alg);
  });
  const usual = isObject && options.keyid === undefined && !options.header;
  const rebind = (): Key | undefined =>
    bound === undefined || isAlive(bound) ? bound : bindKey(reader, key, options, header);
  const { encoding } = options;
  return finish({ header, usual, claims, encoding, bound: header.alg === "none" ? undefined : bound, rebind });
}

function makeHeader(options: SignOptions, isObject: boolean): JwtHeader {
  const header = { alg: options.algorithm || "HS256", typ: isObject ? "JWT" : undefined, kid: options.keyid };
  return Object.assign(header, options.header);
}

/** The key, or undefined if there is none: an unsecured token needs none, and has nothing to do with one. */
function bindKey(
  reader: KeyReader,
  key: unknown,
  options: SignOptions,
  { alg, kid }: { alg: unknown; kid?: unknown },
): Key | undefined {
  if (!key && options.algorithm !== "none") throw missing();
  const bound =
    key === null || key === undefined
      ? undefined
      : reader.keyOf(key, "sign", { kid, algorithm: ALGORITHMS.indexOf(alg as string), isNamed: true });
  if (bound && !isKey(bound)) throw unfit(noMaterial("secretOrPrivateKey", bound), bound.code);
  const refusal = refuse(bound, options, alg);
  if (refusal !== undefined) throw refusal;
  return bound;
}

function refuse(key: Key | undefined, options: SignOptions, alg: unknown): Error | undefined {
  if (typeof alg !== "string") return wrong('"algorithm" must be a valid string enum value');
  // An algorithm that is none of ours is told apart further on.
  if (!key) return /^(?:HS|RS|PS|ES)/.test(alg) ? missing() : undefined;
  const message = wrongKind(key, options, alg);
  return message === undefined ? undefined : unfit(message);
}

function wrongKind({ type, asymmetricKeyDetails }: Key, options: SignOptions, alg: string): string | undefined {
  if (alg.startsWith("HS"))
    return type === "secret" ? undefined : `secretOrPrivateKey must be a symmetric key when using ${alg}`;
  if (!isAsymmetric(alg)) return undefined;
  if (type !== "private") return `secretOrPrivateKey must be an asymmetric key when using ${alg}`;
  const bits = asymmetricKeyDetails?.modulusLength;
  const isShort = bits !== undefined && bits < 2048 && /^[RP]S/.test(alg) && !options.allowInsecureKeySizes;
  return isShort ? `secretOrPrivateKey has a minimum key size of 2048 bits for ${alg}` : undefined;
}

function checkFit(key: Key | undefined, options: SignOptions, alg: string): void {
  if (!key || options.allowInvalidAsymmetricKeyTypes) return;
  const message = misfit(alg, key);
  if (message !== undefined) throw unfit(message);
}

function missing(): Error {
  return tandemError("ERR_KEY_MISSING", "secretOrPrivateKey must have a value");
}

/**
 * The payload with the claims that the options ask for. `checkRest` checks the options and the key, where npm jsonwebtoken
 * checks them.
 */
function makeClaims(payload: unknown, isObject: boolean, options: SignOptions, checkRest: () => void): unknown {
  if (payload === undefined) throw tandemError("ERR_JWT_PAYLOAD", "payload is required");
  if (isObject) checkPayload(payload);
  else checkNoClaims(options, typeof payload);
  if (!isObject) {
    checkRest();
    return payload;
  }
  // What is frozen cannot take the claims; a copy can.
  const claims =
    options.mutatePayload && Object.isExtensible(payload) ? (payload as JwtPayload) : copyOf(payload as JwtPayload);
  refuseTwice(
    claims.exp,
    options.expiresIn,
    'Bad "options.expiresIn" option the payload already has an "exp" property.',
  );
  refuseTwice(
    claims.nbf,
    options.notBefore,
    'Bad "options.notBefore" option the payload already has an "nbf" property.',
  );
  checkRest();
  setTimes(claims, options);
  setClaim(claims, "aud", options.audience, "audience");
  setClaim(claims, "iss", options.issuer, "issuer");
  setClaim(claims, "sub", options.subject, "subject");
  setClaim(claims, "jti", options.jwtid, "jwtid");
  return claims;
}

/** A copy with room for more: one made by spread has none, and is copied again for each claim that is added. */
function copyOf(payload: JwtPayload): JwtPayload {
  // To assign this member would be to choose what the copy inherits.
  return Object.hasOwn(payload, "__proto__") ? { ...payload } : Object.assign({}, payload);
}

function setTimes(claims: JwtPayload, options: SignOptions): void {
  const now = claims.iat || Math.floor(Date.now() / 1000);
  if (!options.noTimestamp) claims.iat = now;
  // To delete what is not there makes an object slow all the same.
  else if (Object.hasOwn(claims, "iat")) delete claims.iat;
  if (options.notBefore !== undefined) claims.nbf = timeAfter(now, options.notBefore, "notBefore");
  if (options.expiresIn !== undefined) claims.exp = timeAfter(now, options.expiresIn, "expiresIn");
}

function timeAfter(now: number, span: string | number, option: string): number {
  const time = after(now, span);
  if (time !== undefined) return time;
  throw wrong(`"${option}" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60`);
}

function setClaim(claims: JwtPayload, claim: string, value: unknown, option: string): void {
  if (value === undefined) return;
  refuseTwice(claims[claim], value, `Bad "options.${option}" option. The payload already has an "${claim}" property.`);
  claims[claim] = value;
}

function refuseTwice(claim: unknown, option: unknown, message: string): void {
  if (claim !== undefined && option !== undefined) throw wrong(message);
}

function encode({ header, usual, claims, encoding, bound, rebind }: Prepared): string {
  const place = ALGORITHMS.indexOf(header.alg);
  if (place < 0 && header.alg !== "none") throw unknownAlgorithm(header.alg);
  const text = payloadText(claims);
  // No code of the caller runs from here on.
  const key = bound && rebind();
  const number = key ? liveNumber(key) : -1;
  const home = key?.home ?? core;
  const { buffers } = home;
  const utf8 = encoding === undefined || encoding === "utf8";
  if (key && key.type === "secret" && usual && utf8)
    return tokenOf(home, () => home.exports().hmac_sign(number, place, 0, buffers.writeText(text)));
  const head = new TextEncoder().encode(headerText(header));
  const body = payloadBytes(text, encoding);
  if (key?.type === "private" && key.arithmetic) return key.arithmetic.signParts(head, body, header.alg, key);
  const { length } = head;
  const both = joined(head, body);
  return tokenOf(home, () => {
    const rest = buffers.writeBytes(both) - length;
    return key ? home.exports().hmac_sign(number, place, length, rest) : core.exports().unsecured(length, rest);
  });
}

function unknownAlgorithm(alg: string): Error {
  const error = new TypeError(
    `"${alg}" is not a valid algorithm.\n  Supported algorithms are:\n  "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", ` +
      '"PS256", "PS384", "PS512", "ES256", "ES384", "ES512" and "none".',
  );
  return withCode(error, "ERR_JWT_ALGORITHM");
}

/** Node's Buffer is a payload of text; other byte arrays are no payload, as in npm jsonwebtoken. */
function isBuffer(value: unknown): value is Uint8Array {
  return typeof Buffer !== "undefined" && Buffer.isBuffer(value);
}
