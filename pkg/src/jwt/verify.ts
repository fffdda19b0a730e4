// verify: is the signature right, and do the claims hold.

import { decodeBase64 } from "../core/base64.js";
import { release, writeAscii } from "../core/buffers.js";
import { type JsonWebTokenError, refused } from "../core/errors.js";
import { core, doubt, recover } from "../core/instance.js";
import { isError } from "../core/kinds.js";
import { ALGORITHMS, usualAlgorithms } from "./algorithms.js";
import { checkClaims, checkExpectations, checkType } from "./claims.js";
import { verifyByNode } from "./host.js";
import type { Key } from "./key.js";
import { cannotServe, isAsymmetric, misfit, noMaterial, unfit, unfitToVerify } from "./key-fit.js";
import { HeldKey, keyOf } from "./keys.js";
import { rememberHeader } from "./known-headers.js";
import { lentCounts, lentKey } from "./lent-keys.js";
import { isKey, liveNumber } from "./owned-keys.js";
import { isCanonical, type Parsed, parse } from "./parse.js";
import { checkSchema, fitted, fittedInTime, type SchemaOutput, type StandardSchema } from "./schema.js";
import type {
  Algorithm,
  CryptoKeyLike,
  GetPublicKeyOrSecret,
  Jwt,
  JwtHeader,
  JwtPayload,
  PublicKey,
  Secret,
  VerifyCallback,
  VerifyOptions,
} from "./types.js";
import { isUsualHmac, verifyUsual } from "./usual.js";
import { isCryptoKey, servedBy, verifyByHost } from "./webcrypto.js";

type Verified = Jwt | JwtPayload | string;

/**
 * Verifies a token and returns its payload, or with `complete` the whole token (RFC 7519 §7.2).
 *
 * Throws a `JsonWebTokenError` for a token that is refused, `TokenExpiredError` and `NotBeforeError` for one that is
 * not valid at this time. With a callback it gets the same error or result; the key may then be a function that finds
 * it.
 */
export function verify<Schema extends StandardSchema>(
  token: string,
  key: Secret | PublicKey,
  options: VerifyOptions & { schema: Schema; complete: true },
): Omit<Jwt, "payload"> & { payload: SchemaOutput<Schema> };
export function verify<Schema extends StandardSchema>(
  token: string,
  key: Secret | PublicKey,
  options: VerifyOptions & { schema: Schema; complete?: false },
): SchemaOutput<Schema>;
export function verify(token: string, key: Secret | PublicKey, options: VerifyOptions & { complete: true }): Jwt;
export function verify(
  token: string,
  key: Secret | PublicKey,
  options?: VerifyOptions & { complete?: false },
): JwtPayload | string;
export function verify(token: string, key: Secret | PublicKey, options?: VerifyOptions): Verified;
export function verify(
  token: string,
  key: Secret | PublicKey | GetPublicKeyOrSecret,
  callback?: VerifyCallback<JwtPayload | string>,
): void;
export function verify(
  token: string,
  key: Secret | PublicKey | GetPublicKeyOrSecret,
  options: VerifyOptions & { complete: true },
  callback?: VerifyCallback<Jwt>,
): void;
export function verify(
  token: string,
  key: Secret | PublicKey | GetPublicKeyOrSecret,
  options?: VerifyOptions & { complete?: false },
  callback?: VerifyCallback<JwtPayload | string>,
): void;
export function verify(
  token: string,
  key: Secret | PublicKey | GetPublicKeyOrSecret,
  options?: VerifyOptions,
  callback?: VerifyCallback,
): void;
export function verify<Claims extends object>(
  token: string,
  key: Secret | PublicKey,
  options?: VerifyOptions & { complete?: false },
): JwtPayload & Claims;
export function verify(token: unknown, key: unknown, options?: unknown, callback?: unknown): unknown {
  const receive = (typeof options === "function" && !callback ? options : callback) as
    | VerifyCallback<unknown>
    | undefined;
  const expected = ownOptions(
    typeof options === "function" ? undefined : (options as VerifyOptions | null | undefined),
  );
  if (!receive) return verifyNow(token, key, expected);

  let parsed: Parsed;
  let now: number;
  let verified: Verified | undefined;
  try {
    now = begin(expected);
    parsed = parse(token);
    if (typeof key !== "function") verified = finish(parsed, key, expected, now);
  } catch (error) {
    return receive(error as JsonWebTokenError);
  }
  // Outside of the try: what the callback throws is not for the callback. What it, or the key function, returns is
  // passed on, as there: a promise that was returned can be waited for.
  return typeof key === "function"
    ? findKey(key as GetPublicKeyOrSecret, parsed, expected, now, receive)
    : receive(null, verified);
}

/**
 * Verifies as `verify` does, and returns a promise of what it returns.
 *
 * The key may also be a `CryptoKey`, a promise of a key, or a function that gets the header and returns one or the
 * other.
 */
export function verifyAsync<Schema extends StandardSchema>(
  token: string,
  key: AsyncVerifyKey,
  options: VerifyOptions & { schema: Schema; complete: true },
): Promise<Omit<Jwt, "payload"> & { payload: SchemaOutput<Schema> }>;
export function verifyAsync<Schema extends StandardSchema>(
  token: string,
  key: AsyncVerifyKey,
  options: VerifyOptions & { schema: Schema; complete?: false },
): Promise<SchemaOutput<Schema>>;
export function verifyAsync(
  token: string,
  key: AsyncVerifyKey,
  options: VerifyOptions & { complete: true },
): Promise<Jwt>;
export function verifyAsync(
  token: string,
  key: AsyncVerifyKey,
  options?: VerifyOptions & { complete?: false },
): Promise<JwtPayload | string>;
export function verifyAsync(token: string, key: AsyncVerifyKey, options?: VerifyOptions): Promise<Verified>;
export function verifyAsync<Claims extends object>(
  token: string,
  key: AsyncVerifyKey,
  options?: VerifyOptions & { complete?: false },
): Promise<JwtPayload & Claims>;
export async function verifyAsync(token: unknown, key: unknown, options?: VerifyOptions): Promise<Verified> {
  const expected = ownOptions(options);
  // A secret is done with before a promise is: no host would be faster.
  if (typeof key === "string" && !expected.schema && isUsualHmac(token)) return verifyNow(token, key, expected);
  const now = begin(expected);
  const parsed = parse(token);
  const found = await (typeof key === "function" ? askFor(key as (header: JwtHeader) => unknown, parsed.header) : key);
  const byHost = typeof found === "object" && found !== null && isCryptoKey(found) ? found : undefined;
  await (byHost ? checkByHost(parsed, byHost, expected) : checkSignatureInTime(parsed, found, expected));
  const verified = accept(parsed, { ...expected, schema: undefined }, now);
  if (expected.schema === undefined) return verified;
  const payload = await fittedInTime(expected.schema, parsed.payload);
  return (expected.complete === true ? { ...(verified as Jwt), payload } : payload) as Verified;
}

/**
 * Options to verify access tokens as RFC 9068 §4 asks: their type, and the claims that each must have. Issuer and
 * audience are yours to add: `{ ...ACCESS_TOKEN, issuer, audience }`.
 */
export const ACCESS_TOKEN: Readonly<Pick<VerifyOptions, "requiredTyp" | "requiredClaims">> = Object.freeze({
  requiredTyp: "at+jwt",
  requiredClaims: Object.freeze(["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]),
});

/** What `verifyAsync` takes as a key. */
export type AsyncVerifyKey =
  | Secret
  | PublicKey
  | CryptoKeyLike
  | Promise<Secret | PublicKey | CryptoKeyLike>
  | ((header: JwtHeader) => Secret | PublicKey | CryptoKeyLike | Promise<Secret | PublicKey | CryptoKeyLike>);

/** A function that verifies with one key and these options: for many tokens. Bytes of a key are copied now. */
export function createVerifier<Schema extends StandardSchema>(
  key: Secret | PublicKey,
  options: VerifyOptions & { schema: Schema; complete?: false },
): (token: string) => SchemaOutput<Schema>;
export function createVerifier(
  key: Secret | PublicKey,
  options: VerifyOptions & { complete: true },
): (token: string) => Jwt;
export function createVerifier(
  key: Secret | PublicKey,
  options?: VerifyOptions & { complete?: false },
): (token: string) => JwtPayload | string;
export function createVerifier(key: Secret | PublicKey, options?: VerifyOptions): (token: string) => Verified;
export function createVerifier(key: unknown, options?: VerifyOptions): (token: string) => Verified {
  const kept = Object.freeze(copied(options));
  begin(kept);
  checkExpectations(kept);
  const held = new HeldKey(key, "verify");
  return (token) => verifyNow(token, held, kept);
}

/** A copy of options that the caller's later changes do not reach. */
function copied(options: VerifyOptions | undefined): VerifyOptions {
  const copy = ownOptions(options);
  for (const [name, value] of Object.entries(copy)) {
    if (Array.isArray(value)) Object.assign(copy, { [name]: [...(value as unknown[])] });
  }
  return copy;
}

/** Every option as a member of its own, so that none is read from a prototype that somebody has polluted. */
const NO_OPTIONS: Required<{ [Name in keyof VerifyOptions]: undefined }> = {
  algorithms: undefined,
  audience: undefined,
  clockTimestamp: undefined,
  clockTolerance: undefined,
  complete: undefined,
  issuer: undefined,
  ignoreExpiration: undefined,
  ignoreNotBefore: undefined,
  jwtid: undefined,
  maxAge: undefined,
  nonce: undefined,
  subject: undefined,
  allowInvalidAsymmetricKeyTypes: undefined,
  requiredTyp: undefined,
  requiredClaims: undefined,
  schema: undefined,
};

/** A copy: getters run once, and what is inherited does not count. */
function ownOptions(options: VerifyOptions | null | undefined): VerifyOptions {
  return { ...NO_OPTIONS, ...options };
}

async function askFor(find: (header: JwtHeader) => unknown, header: JwtHeader): Promise<unknown> {
  try {
    return await find(header);
  } catch (error) {
    // An issuer that is down is no fault of the token: who answers the request has to tell them apart.
    const { code } = Object(error) as { code?: unknown };
    const kept = code === "ERR_KEYS_UNAVAILABLE" || code === "ERR_KEY_NOT_FOUND" ? code : "ERR_KEY_CALLBACK";
    throw refused(`error in secret or public key callback: ${isError(error) ? error.message : String(error)}`, kept);
  }
}

function verifyNow(token: unknown, key: unknown, options: VerifyOptions): Verified {
  const now = begin(options);
  const usual =
    options.complete === true || options.requiredTyp !== undefined ? undefined : verifyUsual(token, key, options);
  if (usual !== undefined) {
    checkClaims(usual, options, now);
    return options.schema === undefined ? usual : (fitted(options.schema, usual) as Verified);
  }
  const parsed = parse(token);
  if (typeof key === "function") {
    throw refused(
      "verify must be called asynchronous if secret or public key is provided as a callback",
      "ERR_JWT_OPTIONS",
    );
  }
  return finish(parsed, key, options, now);
}

/** Checks the options that are looked at first, and tells the time. */
function begin(options: VerifyOptions): number {
  const { clockTimestamp, nonce, allowInvalidAsymmetricKeyTypes, requiredTyp, requiredClaims, schema } = options;
  if (schema !== undefined) checkSchema(schema);
  if (clockTimestamp && typeof clockTimestamp !== "number") {
    throw refused("clockTimestamp must be a number", "ERR_JWT_OPTIONS");
  }
  if (nonce !== undefined && (typeof nonce !== "string" || nonce.trim() === "")) {
    throw refused("nonce must be a non-empty string", "ERR_JWT_OPTIONS");
  }
  if (allowInvalidAsymmetricKeyTypes !== undefined && typeof allowInvalidAsymmetricKeyTypes !== "boolean") {
    throw refused("allowInvalidAsymmetricKeyTypes must be a boolean", "ERR_JWT_OPTIONS");
  }
  if (requiredTyp !== undefined && typeof requiredTyp !== "string") {
    throw refused("requiredTyp must be a string", "ERR_JWT_OPTIONS");
  }
  if (
    requiredClaims !== undefined &&
    !(Array.isArray(requiredClaims) && requiredClaims.every((name) => typeof name === "string"))
  ) {
    throw refused("requiredClaims must be an array of strings", "ERR_JWT_OPTIONS");
  }
  return clockTimestamp || Math.floor(Date.now() / 1000);
}

function findKey(
  find: GetPublicKeyOrSecret,
  parsed: Parsed,
  options: VerifyOptions,
  now: number,
  receive: VerifyCallback<unknown>,
): unknown {
  let called = false;
  return find(parsed.header, (error, key): unknown => {
    // A key function that calls twice does not make its caller hear twice.
    if (called) return undefined;
    called = true;
    let verified: Verified;
    try {
      if (error) throw refused(`error in secret or public key callback: ${error.message}`, "ERR_KEY_CALLBACK");
      verified = finish(parsed, key, options, now);
    } catch (refusal) {
      return receive(refusal as JsonWebTokenError);
    }
    return receive(null, verified);
  });
}

/** Key, algorithm, signature and claims, in this order. */
function finish(parsed: Parsed, key: unknown, options: VerifyOptions, now: number): Verified {
  checkSignature(parsed, key, options);
  return accept(parsed, options, now);
}

/** What a token whose signature is right gives, if its claims hold. */
function accept(parsed: Parsed, options: VerifyOptions, now: number): Verified {
  const { header, payload, signature } = parsed as Jwt & { payload: JwtPayload | string | null };
  if (payload === null) throw refused("invalid token", "ERR_JWT_MALFORMED");
  checkClaims(payload as JwtPayload, options, now);
  if (options.requiredTyp !== undefined) checkType(header, options.requiredTyp);
  const fit = options.schema === undefined ? payload : (fitted(options.schema, payload) as JwtPayload | string);
  return options.complete === true ? { header, payload: fit, signature } : fit;
}

function checkSignature(parsed: Parsed, key: unknown, options: VerifyOptions): void {
  const bound = judge(parsed, key, options);
  // An unsecured token has no signature, and its algorithm was named.
  if (bound !== undefined) checkMatch(parsed, bound, options);
}

/** The same, by WebCrypto where that is faster. */
async function checkSignatureInTime(parsed: Parsed, key: unknown, options: VerifyOptions): Promise<void> {
  const bound = judge(parsed, key, options);
  if (bound === undefined) return;
  const { token, header, signature } = parsed;
  const lent = bound.type === "public" && isCanonical(signature) ? lentKey(bound, header.alg) : undefined;
  const crypto = lent && (await lent);
  if (!crypto) return checkMatch(parsed, bound, options);
  const signed = token.slice(0, token.lastIndexOf("."));
  lentCounts.verify += 1;
  const isRight = await verifyByHost(crypto, header.alg, decodeBase64(signature), signed);
  if (!isRight) throw refused("invalid signature", "ERR_JWT_SIGNATURE");
}

/** The key, if it may serve the token's algorithm; undefined for an unsecured token that is allowed to be one. */
function judge({ header, signature }: Parsed, key: unknown, options: VerifyOptions): Key | undefined {
  if (signature === "" && key) throw refused("jwt signature is required", "ERR_JWT_SIGNATURE");
  if (signature !== "" && !key) throw refused("secret or public key must be provided", "ERR_KEY_MISSING");
  if (signature === "" && !options.algorithms) {
    throw refused('please specify "none" in "algorithms" to verify unsigned tokens', "ERR_JWT_SIGNATURE");
  }
  const bound = key === undefined || key === null ? undefined : bindKey(key, header, options);
  checkAlgorithm(header.alg, bound, options);
  if (header.alg === "none" && signature === "") return undefined;
  if (!bound) throw refused("invalid signature", "ERR_JWT_SIGNATURE");
  return bound;
}

function checkMatch({ token, header }: Parsed, bound: Key, options: VerifyOptions): void {
  if (!matches(token, ALGORITHMS.indexOf(header.alg), bound, options)) {
    throw refused("invalid signature", "ERR_JWT_SIGNATURE");
  }
  rememberHeader(token.slice(0, token.indexOf(".")), header);
}

async function checkByHost(
  { token, header, signature }: Parsed,
  key: CryptoKey,
  options: VerifyOptions,
): Promise<void> {
  if (signature === "") throw refused("jwt signature is required", "ERR_JWT_SIGNATURE");
  const bound = bindKey(key, header, options);
  const served = servedBy(key);
  checkAlgorithm(header.alg, bound, { ...options, algorithms: options.algorithms || (served as Algorithm[]) });
  if (!served.includes(header.alg))
    throw unfitToVerify(`this CryptoKey serves ${served.join(" and ") || "no algorithm"}, not ${header.alg}`);
  const signingInput = token.slice(0, token.lastIndexOf("."));
  const right = isCanonical(signature) && (await verifyByHost(key, header.alg, decodeBase64(signature), signingInput));
  if (!right) throw refused("invalid signature", "ERR_JWT_SIGNATURE");
}

function bindKey(key: unknown, { alg, kid }: JwtHeader, { algorithms }: VerifyOptions): Key {
  const bound = keyOf(key, "verify", { kid, algorithm: ALGORITHMS.indexOf(alg), isNamed: Boolean(algorithms) });
  if (!isKey(bound)) throw unfitToVerify(noMaterial("secretOrPublicKey", bound), bound.code);
  return bound;
}

function checkAlgorithm(alg: string, key: Key | undefined, options: VerifyOptions): void {
  const { type = "secret", asymmetricKeyType, asymmetricKeyDetails } = key ?? {};
  const allowed: readonly string[] =
    options.algorithms || usualAlgorithms(type, asymmetricKeyType, asymmetricKeyDetails?.namedCurve);
  if (!Array.isArray(allowed)) throw refused('"algorithms" must be an array', "ERR_JWT_OPTIONS");
  if (allowed.indexOf(alg) === -1) throw refused("invalid algorithm", "ERR_JWT_ALGORITHM");
  if (alg.startsWith("HS")) {
    if (key?.type !== "secret") throw unfitToVerify(`secretOrPublicKey must be a symmetric key when using ${alg}`);
  } else if (isAsymmetric(alg) && key?.type !== "public") {
    throw unfitToVerify(`secretOrPublicKey must be an asymmetric key when using ${alg}`);
  }
  const message = key && !options.allowInvalidAsymmetricKeyTypes ? misfit(alg, key) : undefined;
  // A plain Error, as there.
  if (message !== undefined) throw unfit(message);
}

function matches(
  token: string,
  algorithm: number,
  key: Key,
  { allowInvalidAsymmetricKeyTypes }: VerifyOptions,
): boolean {
  try {
    if (key.crypto) throw unfit("a CryptoKey verifies in its own time: use verifyAsync");
    const number = liveNumber(key);
    const judged = allowInvalidAsymmetricKeyTypes ? undefined : judgedByNode(token, ALGORITHMS[algorithm], key);
    if (judged !== undefined) return judged;
    const length = writeAscii(token);
    if (length < 0 || number < 0) return false;
    const { any_matches, error_code, hmac_matches } = core();
    const answer =
      key.type === "secret" ? hmac_matches(number, algorithm, length) : any_matches(number, algorithm, length);
    if (answer > 0) return true;
    // What its JWK forbids. A misfit that was let through has no right signature, and is told so.
    const code = error_code(answer);
    const isForbidden = code === "ERR_KEY_INVALID" || code === "ERR_KEY_TOO_SHORT";
    if (isForbidden && !allowInvalidAsymmetricKeyTypes) {
      throw unfitToVerify(cannotServe("secretOrPublicKey", answer), code);
    }
    return false;
  } catch (error) {
    doubt.raised = true;
    throw recover(error);
  } finally {
    release();
  }
}

/** What the host says of a signature, where it can: the wasm has judged the key, and the spelling is checked here. */
function judgedByNode(token: string, alg: string | undefined, key: Key): boolean | undefined {
  if (alg === undefined || key.type !== "public" || typeof Buffer === "undefined") return undefined;
  const end = token.lastIndexOf(".");
  const signature = token.slice(end + 1);
  if (!isCanonical(signature)) return false;
  return verifyByNode(key, alg, Buffer.from(token.slice(0, end), "latin1"), decodeBase64(signature));
}
