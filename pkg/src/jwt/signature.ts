// Whether the signature of a token is right, and whether the key may serve the token's algorithm.

import { decodeBase64 } from "../core/base64.js";
import { type JsonWebTokenError, jwtError } from "../core/errors.js";
import { ALGORITHMS, defaultAlgorithms } from "./algorithms.js";
import type { Key } from "./key.js";
import { cannotServe, isAsymmetric, keyError, keyMismatch, keyRefused, noMaterial } from "./key-fit.js";
import type { KeyReader } from "./keys.js";
import { rememberHeader } from "./known-headers.js";
import { isAlive, isKey, liveHandle } from "./owned-keys.js";
import type { Arithmetic } from "./pairs.js";
import { isCanonical, type Parsed } from "./parse.js";
import type { Algorithm, JwtHeader, VerifyOptions } from "./types.js";

/** Throws unless the signature is right. */
export function checkSignature(reader: KeyReader, parsed: Parsed, key: unknown, options: VerifyOptions): void {
  const bound = judge(reader, parsed, key, options);
  // An unsecured token has no signature, and its algorithm was named.
  if (bound !== undefined) checkMatch(parsed, bound, options);
}

/** The same, by WebCrypto where that is faster. */
export async function checkSignatureInTime(
  reader: KeyReader,
  parsed: Parsed,
  key: unknown,
  options: VerifyOptions,
): Promise<void> {
  const bound = judge(reader, parsed, key, options);
  if (bound === undefined) return;
  const { token, header, signature } = parsed;
  const { arithmetic } = bound;
  const lent = bound.type === "public" && isCanonical(signature) ? arithmetic?.lent(bound, header.alg) : undefined;
  if (arithmetic === undefined || lent === undefined) return checkMatch(parsed, bound, options);
  const crypto = await lent;
  // Other calls may have driven the key out of its cache meanwhile.
  if (crypto === null)
    return checkMatch(parsed, isAlive(bound) ? bound : bindKey(reader, key, header, options), options);
  const signed = token.slice(0, token.lastIndexOf("."));
  const isRight = await arithmetic.verifyByCrypto(crypto, header.alg, decodeBase64(signature), signed);
  settle(isRight, parsed);
}

/** The key, if it may serve the token's algorithm; undefined for an unsecured token that is allowed to be one. */
function judge(
  reader: KeyReader,
  { header, signature }: Parsed,
  key: unknown,
  options: VerifyOptions,
): Key | undefined {
  // Given a key, an empty signature is refused whatever the header says: else anyone could strip it (RFC 8725 §2.1).
  if (signature === "" && key) throw jwtError("jwt signature is required", "ERR_JWT_SIGNATURE");
  if (signature !== "" && !key) throw jwtError("secret or public key must be provided", "ERR_KEY_MISSING");
  if (signature === "" && !options.algorithms) {
    throw jwtError('please specify "none" in "algorithms" to verify unsigned tokens', "ERR_JWT_SIGNATURE");
  }
  const bound = key === undefined || key === null ? undefined : bindKey(reader, key, header, options);
  checkAlgorithm(header.alg, bound, options);
  // `checkAlgorithm` has found "none" in a list that the caller wrote; no default holds it.
  if (header.alg === "none" && signature === "") return undefined;
  if (!bound) throw wrongSignature();
  return bound;
}

function checkMatch(parsed: Parsed, bound: Key, options: VerifyOptions): void {
  settle(matches(parsed.token, ALGORITHMS.indexOf(parsed.header.alg), bound, options), parsed);
}

/** The error for a signature that is wrong. */
export function wrongSignature(): JsonWebTokenError {
  return jwtError("invalid signature", "ERR_JWT_SIGNATURE");
}

/** Throws for a wrong signature, and remembers the header of a token with a right one. */
function settle(isRight: boolean, { token, written }: Parsed): void {
  if (!isRight) throw wrongSignature();
  // Only now, and as it was written: a stranger's header, or one that a key function has changed, is not remembered.
  rememberHeader(token.slice(0, token.indexOf(".")), written);
}

/** Throws unless the signature is right by a key that WebCrypto holds. */
export async function checkByHost(
  reader: KeyReader,
  parsed: Parsed,
  key: CryptoKey,
  options: VerifyOptions,
): Promise<void> {
  const { header, signature } = parsed;
  if (signature === "") throw jwtError("jwt signature is required", "ERR_JWT_SIGNATURE");
  const bound = bindKey(reader, key, header, options);
  const { arithmetic } = bound;
  const served = key.usages.includes("verify") && arithmetic ? arithmetic.servedBy(key) : [];
  checkAlgorithm(header.alg, bound, { ...options, algorithms: options.algorithms || (served as Algorithm[]) });
  if (!served.includes(header.alg))
    throw keyRefused(`this CryptoKey is for ${served.join(" and ") || "no algorithm"}, not ${header.alg}`);
  settle(await isRightByHost(parsed, key, arithmetic!), parsed);
}

/** Whether a signature is right by a key of WebCrypto: at once where the host can say so, else in WebCrypto's time. */
function isRightByHost(
  { token, header: { alg }, signature }: Parsed,
  key: CryptoKey,
  arithmetic: Arithmetic,
): boolean | Promise<boolean> {
  if (!isCanonical(signature)) return false;
  const signingInput = token.slice(0, token.lastIndexOf("."));
  const bytes = decodeBase64(signature);
  return (
    arithmetic.judgedAtOnce(key, alg, bytes, signingInput) ?? arithmetic.verifyByCrypto(key, alg, bytes, signingInput)
  );
}

function bindKey(reader: KeyReader, key: unknown, { alg, kid }: JwtHeader, { algorithms }: VerifyOptions): Key {
  const bound = reader.keyOf(key, "verify", { kid, algorithm: ALGORITHMS.indexOf(alg), isNamed: Boolean(algorithms) });
  if (!isKey(bound)) throw keyRefused(noMaterial("secretOrPublicKey", bound), bound.code);
  return bound;
}

function checkAlgorithm(alg: string, key: Key | undefined, options: VerifyOptions): void {
  const { type = "secret", asymmetricKeyType, asymmetricKeyDetails } = key ?? {};
  const allowed: readonly string[] =
    options.algorithms || defaultAlgorithms(type, asymmetricKeyType, asymmetricKeyDetails?.namedCurve);
  if (!Array.isArray(allowed)) throw jwtError('"algorithms" must be an array', "ERR_JWT_OPTIONS");
  // The type comes first: a list made from the environment may hold undefined, and a stranger's header may lack its
  // alg.
  if (typeof alg !== "string" || allowed.indexOf(alg) === -1) throw jwtError("invalid algorithm", "ERR_JWT_ALGORITHM");
  // The type of the key is checked as well: if a public key could be an HMAC secret, anyone could sign (RFC 8725 §2.1).
  if (alg.startsWith("HS")) {
    if (key?.type !== "secret") throw keyRefused(`secretOrPublicKey must be a symmetric key when using ${alg}`);
  } else if (isAsymmetric(alg) && key?.type !== "public") {
    throw keyRefused(`secretOrPublicKey must be an asymmetric key when using ${alg}`);
  }
  const message = key && !options.allowInvalidAsymmetricKeyTypes ? keyMismatch(alg, key) : undefined;
  // A plain Error, as npm jsonwebtoken throws it.
  if (message !== undefined) throw keyError(message);
}

/** Whether the signature of a token is right by a key that has been judged. */
export function matches(
  token: string,
  algorithm: number,
  key: Key,
  { allowInvalidAsymmetricKeyTypes }: VerifyOptions,
): boolean {
  const { arithmetic, home } = key;
  const { buffers } = home;
  try {
    if (key.crypto) throw keyError("a CryptoKey verifies asynchronously: use verifyAsync");
    const number = liveHandle(key);
    const judged = allowInvalidAsymmetricKeyTypes ? undefined : judgedByHost(token, ALGORITHMS[algorithm], key);
    if (judged !== undefined) return judged;
    const length = buffers.writeAscii(token);
    // A negative length means characters beyond ASCII, which no token has. A negative handle is a key outside the wasm.
    if (length < 0 || number < 0) return false;
    const { error_code, hmac_matches } = home.exports();
    const answer =
      key.type === "secret" || arithmetic === undefined
        ? hmac_matches(number, algorithm, length)
        : arithmetic.matches(number, algorithm, length);
    if (answer > 0) return true;
    // Its JWK forbids this algorithm. A key that was let through though it does not fit has no right signature instead.
    const code = error_code(answer);
    const isForbidden = code === "ERR_KEY_INVALID" || code === "ERR_KEY_TOO_SHORT";
    if (isForbidden && !allowInvalidAsymmetricKeyTypes) {
      throw keyRefused(cannotServe("secretOrPublicKey", answer, home), code);
    }
    return false;
  } catch (error) {
    home.isDoubted = true;
    throw home.recover(error);
  } finally {
    buffers.release();
  }
}

/** The host's verdict on a signature, where it has one. The wasm has judged the key; the spelling is checked here. */
function judgedByHost(token: string, alg: string | undefined, key: Key): boolean | undefined {
  if (alg === undefined || key.type !== "public") return undefined;
  const end = token.lastIndexOf(".");
  const signature = token.slice(end + 1);
  if (!isCanonical(signature)) return false;
  return key.arithmetic?.judgedByHost(key, alg, token.slice(0, end), signature);
}
