// verify: whether the signature is right, and whether the claims hold.

import { type JsonWebTokenError, jwtError } from "../core/errors.js";
import { isError } from "../core/kinds.js";
import { checkClaims, checkType } from "./claims.js";
import { isDefaultHmac, verifyFast } from "./fast-path.js";
import { type Parsed, parse } from "./parse.js";
import { fitted, fittedInTime, type SchemaOutput, type StandardSchema } from "./schema.js";
import { checkByHost, checkSignature, checkSignatureInTime } from "./signature.js";
import type {
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
import { ownOptions, timeOf } from "./verify-options.js";
import { isCryptoKey } from "./webcrypto.js";

/** The result of a verification. */
export type Verified = Jwt | JwtPayload | string;

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
    now = timeOf(expected);
    parsed = parse(token);
    if (typeof key !== "function") verified = verifyParsed(parsed, key, expected, now);
  } catch (error) {
    return receive(error as JsonWebTokenError);
  }
  // Outside the try, so that the callback never gets its own exception. What the callback or the key function returns
  // is passed on, as npm jsonwebtoken does, so that callers can await a promise.
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
  // HMAC takes less time than a promise, so no host would be faster.
  if (typeof key === "string" && !expected.schema && isDefaultHmac(token)) return verifyNow(token, key, expected);
  const now = timeOf(expected);
  const parsed = parse(token);
  const found = await (typeof key === "function" ? askFor(key as (header: JwtHeader) => unknown, parsed.header) : key);
  const byHost = typeof found === "object" && found !== null && isCryptoKey(found) ? found : undefined;
  await (byHost ? checkByHost(parsed, byHost, expected) : checkSignatureInTime(parsed, found, expected));
  const payload = await fittedInTime(expected.schema, accepted(parsed, expected, now));
  return shown(parsed, payload, expected);
}

/** What `verifyAsync` takes as a key. */
export type AsyncVerifyKey =
  | Secret
  | PublicKey
  | CryptoKeyLike
  | Promise<Secret | PublicKey | CryptoKeyLike>
  | ((header: JwtHeader) => Secret | PublicKey | CryptoKeyLike | Promise<Secret | PublicKey | CryptoKeyLike>);

async function askFor(find: (header: JwtHeader) => unknown, header: JwtHeader): Promise<unknown> {
  try {
    return await find(header);
  } catch (error) {
    // Whoever answers the request has to tell an issuer that is down from a token that is bad, so these codes are kept.
    const { code } = Object(error) as { code?: unknown };
    const kept = code === "ERR_KEYS_UNAVAILABLE" || code === "ERR_KEY_NOT_FOUND" ? code : "ERR_KEY_CALLBACK";
    throw jwtError(`error in secret or public key callback: ${isError(error) ? error.message : String(error)}`, kept);
  }
}

/** Verifies with options that were copied before. */
export function verifyNow(token: unknown, key: unknown, options: VerifyOptions): Verified {
  const now = timeOf(options);
  const claims =
    options.complete === true || options.requiredTyp !== undefined ? undefined : verifyFast(token, key, options);
  if (claims !== undefined) {
    checkClaims(claims, options, now);
    return fitted(options.schema, claims);
  }
  const parsed = parse(token);
  if (typeof key === "function") {
    throw jwtError(
      "verify must be called asynchronous if secret or public key is provided as a callback",
      "ERR_JWT_OPTIONS",
    );
  }
  return verifyParsed(parsed, key, options, now);
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
    // A key function may call back twice; the caller of `verify` hears once.
    if (called) return undefined;
    called = true;
    let verified: Verified;
    try {
      if (error) throw jwtError(`error in secret or public key callback: ${error.message}`, "ERR_KEY_CALLBACK");
      verified = verifyParsed(parsed, key, options, now);
    } catch (refusal) {
      return receive(refusal as JsonWebTokenError);
    }
    return receive(null, verified);
  });
}

/** Key, algorithm, signature and claims, in this order. */
function verifyParsed(parsed: Parsed, key: unknown, options: VerifyOptions, now: number): Verified {
  checkSignature(parsed, key, options);
  return shown(parsed, fitted(options.schema, accepted(parsed, options, now)), options);
}

/** The payload of a token whose signature is right, if its claims hold. */
function accepted(parsed: Parsed, options: VerifyOptions, now: number): JwtPayload | string {
  const { header, payload } = parsed as Jwt & { payload: JwtPayload | string | null };
  if (payload === null) throw jwtError("invalid token", "ERR_JWT_MALFORMED");
  checkClaims(payload as JwtPayload, options, now);
  if (options.requiredTyp !== undefined) checkType(header, options.requiredTyp);
  return payload;
}

/** The payload, or with `complete` the whole token. */
function shown({ header, signature }: Parsed, payload: JwtPayload | string, { complete }: VerifyOptions): Verified {
  return complete === true ? { header, payload, signature } : payload;
}
