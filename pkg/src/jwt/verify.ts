// verify: whether the signature is right, and whether the claims hold.

import { type JsonWebTokenError, jwtError } from "../core/errors.js";
import { isError } from "../core/kinds.js";
import type { Verified, Verify, VerifyAsync } from "./api.js";
import { checkClaims, checkType } from "./claims.js";
import { isDefaultHmac, verifyFast, verifyFastInTime } from "./fast-path.js";
import type { KeyReader } from "./keys.js";
import { type Parsed, parse } from "./parse.js";
import { fitted, fittedInTime } from "./schema.js";
import { checkByHost, checkSignature, checkSignatureInTime, wrongSignature } from "./signature.js";
import type { GetPublicKeyOrSecret, Jwt, JwtHeader, JwtPayload, VerifyCallback, VerifyOptions } from "./types.js";
import { ownOptions, timeOf } from "./verify-options.js";

/** Makes `verify` for the keys that a reader reads. */
export function makeVerify(reader: KeyReader): Verify {
  return function verify(token: unknown, key: unknown, options?: unknown, callback?: unknown): unknown {
    const receive = (typeof options === "function" && !callback ? options : callback) as
      | VerifyCallback<unknown>
      | undefined;
    const expected = ownOptions(
      typeof options === "function" ? undefined : (options as VerifyOptions | null | undefined),
    );
    if (!receive) return verifyNow(reader, token, key, expected);

    let parsed: Parsed;
    let now: number;
    let verified: Verified | undefined;
    try {
      now = timeOf(expected);
      parsed = parse(token);
      if (typeof key !== "function") verified = finish(reader, parsed, key, expected, now);
    } catch (error) {
      return receive(error as JsonWebTokenError);
    }
    // Outside the try, so that the callback never receives its own exception. What the callback or the key function
    // returns is passed on, as in npm jsonwebtoken, so that a promise can be awaited.
    return typeof key === "function"
      ? findKey(reader, key as GetPublicKeyOrSecret, parsed, expected, now, receive)
      : receive(null, verified);
  } as Verify;
}

/** Makes `verifyAsync` for the keys that a reader reads. */
export function makeVerifyAsync(reader: KeyReader): VerifyAsync {
  return async function verifyAsync(token: unknown, key: unknown, options?: VerifyOptions): Promise<Verified> {
    const expected = ownOptions(options);
    // A secret is verified at once: the wasm takes less time than a promise of the host.
    if (typeof key === "string" && !expected.schema && isDefaultHmac(token))
      return verifyNow(reader, token, key, expected);
    const now = timeOf(expected);
    const claims = await verifyFastInTime(reader, token, key, expected);
    if (claims) {
      checkClaims(claims, expected, now);
      return fittedInTime(expected.schema, claims);
    }
    const parsed = parse(token);
    if (claims === false) throw wrongSignature();
    const found = await (typeof key === "function"
      ? askFor(key as (header: JwtHeader) => unknown, parsed.header)
      : key);
    const byHost = reader.pairs?.isCryptoKey(found) ? found : undefined;
    await (byHost
      ? checkByHost(reader, parsed, byHost, expected)
      : checkSignatureInTime(reader, parsed, found, expected));
    const payload = await fittedInTime(expected.schema, accepted(parsed, expected, now));
    return shown(parsed, payload, expected);
  } as VerifyAsync;
}

async function askFor(find: (header: JwtHeader) => unknown, header: JwtHeader): Promise<unknown> {
  try {
    return await find(header);
  } catch (error) {
    // These codes are kept: an issuer that is down is a 503 to the caller's client, and a bad token is a 401.
    const { code } = Object(error) as { code?: unknown };
    const kept = code === "ERR_KEYS_UNAVAILABLE" || code === "ERR_KEY_NOT_FOUND" ? code : "ERR_KEY_CALLBACK";
    throw jwtError(`error in secret or public key callback: ${isError(error) ? error.message : String(error)}`, kept);
  }
}

/** Verifies with options that are copied already. */
export function verifyNow(reader: KeyReader, token: unknown, key: unknown, options: VerifyOptions): Verified {
  const now = timeOf(options);
  const claims = verifyFast(reader, token, key, options);
  if (claims) {
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
  if (claims === false) throw wrongSignature();
  return finish(reader, parsed, key, options, now);
}

function findKey(
  reader: KeyReader,
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
      verified = finish(reader, parsed, key, options, now);
    } catch (refusal) {
      return receive(refusal as JsonWebTokenError);
    }
    return receive(null, verified);
  });
}

/** Key, algorithm, signature and claims, in this order. */
function finish(reader: KeyReader, parsed: Parsed, key: unknown, options: VerifyOptions, now: number): Verified {
  checkSignature(reader, parsed, key, options);
  return shown(parsed, fitted(options.schema, accepted(parsed, options, now)), options);
}

/** The payload of a token whose signature is right, if its claims hold. */
function accepted(parsed: Parsed, options: VerifyOptions, now: number): JwtPayload | string {
  const { header, payload } = parsed as Jwt & { payload: JwtPayload | string | null };
  // The JSON text "null" is a payload without claims, on which npm jsonwebtoken crashes.
  if (payload === null) throw jwtError("invalid token", "ERR_JWT_MALFORMED");
  checkClaims(payload as JwtPayload, options, now);
  // After the claims, so that an expired token says so whatever its type.
  if (options.requiredTyp !== undefined) checkType(header, options.requiredTyp);
  return payload;
}

/** The payload, or with `complete` the whole token. */
function shown({ header, signature }: Parsed, payload: JwtPayload | string, { complete }: VerifyOptions): Verified {
  return complete === true ? { header, payload, signature } : payload;
}
