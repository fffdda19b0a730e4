// Whether the signature of a token is right, and whether the key may serve the token's algorithm.

import { decodeBase64 } from "../core/base64.js";
import { release, writeAscii } from "../core/buffers.js";
import { jwtError } from "../core/errors.js";
import { core, doubt, recover } from "../core/instance.js";
import { ALGORITHMS, defaultAlgorithms } from "./algorithms.js";
import { verifyByNode } from "./host.js";
import type { Key } from "./key.js";
import { cannotServe, isAsymmetric, keyError, keyMismatch, keyRefused, noMaterial } from "./key-fit.js";
import { keyOf } from "./keys.js";
import { rememberHeader } from "./known-headers.js";
import { lentCounts, lentKey } from "./lent-keys.js";
import { isAlive, isKey, liveHandle } from "./owned-keys.js";
import { isCanonical, type Parsed } from "./parse.js";
import type { Algorithm, JwtHeader, VerifyOptions } from "./types.js";
import { servedBy, verifyByHost } from "./webcrypto.js";

/** Throws unless the signature is right. */
export function checkSignature(parsed: Parsed, key: unknown, options: VerifyOptions): void {
  const bound = judge(parsed, key, options);
  // Only an unsecured token that the caller allowed has no key here.
  if (bound !== undefined) checkMatch(parsed, bound, options);
}

/** Throws unless the signature is right; asks WebCrypto where that is faster. */
export async function checkSignatureInTime(parsed: Parsed, key: unknown, options: VerifyOptions): Promise<void> {
  const bound = judge(parsed, key, options);
  if (bound === undefined) return;
  const { token, header, signature } = parsed;
  const lent = bound.type === "public" && isCanonical(signature) ? lentKey(bound, header.alg) : undefined;
  if (lent === undefined) return checkMatch(parsed, bound, options);
  const crypto = await lent;
  // During the await, other calls may have driven the key out of its cache.
  if (crypto === null) return checkMatch(parsed, isAlive(bound) ? bound : bindKey(key, header, options), options);
  const signed = token.slice(0, token.lastIndexOf("."));
  lentCounts.verify += 1;
  const isRight = await verifyByHost(crypto, header.alg, decodeBase64(signature), signed);
  if (!isRight) throw jwtError("invalid signature", "ERR_JWT_SIGNATURE");
}

/** The key, if it may serve the token's algorithm; undefined for an unsecured token that the options allow. */
function judge({ header, signature }: Parsed, key: unknown, options: VerifyOptions): Key | undefined {
  if (signature === "" && key) throw jwtError("jwt signature is required", "ERR_JWT_SIGNATURE");
  if (signature !== "" && !key) throw jwtError("secret or public key must be provided", "ERR_KEY_MISSING");
  if (signature === "" && !options.algorithms) {
    throw jwtError('please specify "none" in "algorithms" to verify unsigned tokens', "ERR_JWT_SIGNATURE");
  }
  const bound = key === undefined || key === null ? undefined : bindKey(key, header, options);
  checkAlgorithm(header.alg, bound, options);
  if (header.alg === "none" && signature === "") return undefined;
  if (!bound) throw jwtError("invalid signature", "ERR_JWT_SIGNATURE");
  return bound;
}

function checkMatch({ token, header, written }: Parsed, bound: Key, options: VerifyOptions): void {
  if (!matches(token, ALGORITHMS.indexOf(header.alg), bound, options)) {
    throw jwtError("invalid signature", "ERR_JWT_SIGNATURE");
  }
  rememberHeader(token.slice(0, token.indexOf(".")), written);
}

/** Throws unless the signature is right by a key that WebCrypto holds. */
export async function checkByHost(
  { token, header, signature }: Parsed,
  key: CryptoKey,
  options: VerifyOptions,
): Promise<void> {
  if (signature === "") throw jwtError("jwt signature is required", "ERR_JWT_SIGNATURE");
  const bound = bindKey(key, header, options);
  const served = key.usages.includes("verify") ? servedBy(key) : [];
  checkAlgorithm(header.alg, bound, { ...options, algorithms: options.algorithms || (served as Algorithm[]) });
  if (!served.includes(header.alg))
    throw keyRefused(`this CryptoKey serves ${served.join(" and ") || "no algorithm"}, not ${header.alg}`);
  const signingInput = token.slice(0, token.lastIndexOf("."));
  const right = isCanonical(signature) && (await verifyByHost(key, header.alg, decodeBase64(signature), signingInput));
  if (!right) throw jwtError("invalid signature", "ERR_JWT_SIGNATURE");
}

function bindKey(key: unknown, { alg, kid }: JwtHeader, { algorithms }: VerifyOptions): Key {
  const bound = keyOf(key, "verify", { kid, algorithm: ALGORITHMS.indexOf(alg), isNamed: Boolean(algorithms) });
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
  try {
    if (key.crypto) throw keyError("a CryptoKey verifies in its own time: use verifyAsync");
    const handle = liveHandle(key);
    const judged = allowInvalidAsymmetricKeyTypes ? undefined : judgedByNode(token, ALGORITHMS[algorithm], key);
    if (judged !== undefined) return judged;
    const length = writeAscii(token);
    if (length < 0 || handle < 0) return false;
    const { any_matches, error_code, hmac_matches } = core();
    const answer =
      key.type === "secret" ? hmac_matches(handle, algorithm, length) : any_matches(handle, algorithm, length);
    if (answer > 0) return true;
    // Its JWK forbids this algorithm. A key that was let through though it does not fit has no right signature instead.
    const code = error_code(answer);
    const isForbidden = code === "ERR_KEY_INVALID" || code === "ERR_KEY_TOO_SHORT";
    if (isForbidden && !allowInvalidAsymmetricKeyTypes) {
      throw keyRefused(cannotServe("secretOrPublicKey", answer), code);
    }
    return false;
  } catch (error) {
    doubt.raised = true;
    throw recover(error);
  } finally {
    release();
  }
}

/**
 * The host's judgement of a signature, if it has one. The wasm has judged the key, and the spelling is checked here.
 */
function judgedByNode(token: string, alg: string | undefined, key: Key): boolean | undefined {
  if (alg === undefined || key.type !== "public" || typeof Buffer === "undefined") return undefined;
  const end = token.lastIndexOf(".");
  const signature = token.slice(end + 1);
  if (!isCanonical(signature)) return false;
  return verifyByNode(key, alg, Buffer.from(token.slice(0, end), "latin1"), decodeBase64(signature));
}
