// Whether the key of a pair fits an algorithm, by the rules and messages of npm jsonwebtoken, extended to the families
// that it lacks.

import { type ErrorCode, type JsonWebTokenError, jwtError, tandemError } from "../core/errors.js";
import type { Instance } from "../core/instance.js";
import { ALGORITHMS, algorithmsOfType, factsOf } from "./algorithms.js";
import type { Key, NoKey } from "./key.js";

/** Whether there are algorithms for keys of a type. */
export function isServed(type: string): boolean {
  return algorithmsOfType(type) !== undefined;
}

/** Why this key does not fit this algorithm, or undefined if it does. */
export function keyMismatch(
  alg: string,
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: Key,
): string | undefined {
  // A secret has no type. Whether it may serve an algorithm is decided by the letters HS.
  if (type === undefined) return undefined;
  const served = algorithmsOfType(type);
  if (!served) return `Unknown key type "${type}".`;
  const curve = factsOf(alg)?.curve?.node;
  // Before the list is asked: ES256K is right for its curve, and npm jsonwebtoken's list lacks it.
  if (type === "ec" && curve !== undefined && details?.namedCurve === curve) return undefined;
  if (!served.includes(alg)) return `"alg" parameter for "${type}" key type must be one of: ${served.join(", ")}.`;
  if (type === "ec") return `"alg" parameter "${alg}" requires curve "${curve}".`;
  if (type !== "rsa-pss") return undefined;
  // An `rsa-pss` key may fix its hash and the least salt (RFC 4055 §3.1). JWS fixes both too (RFC 7518 §3.5).
  const bits = Number(alg.slice(-3));
  if (details?.hashAlgorithm !== `sha${bits}` || details.mgf1HashAlgorithm !== details.hashAlgorithm) {
    return `Invalid key for this operation, its RSA-PSS parameters do not meet the requirements of "alg" ${alg}.`;
  }
  if (details.saltLength !== undefined && details.saltLength > bits / 8) {
    return `Invalid key for this operation, its RSA-PSS parameter saltLength does not meet the requirements of "alg" ${alg}.`;
  }
  return undefined;
}

/** The message for something that is not a key: npm jsonwebtoken's sentence, and the cause where it is known. */
export function noMaterial(argument: string, { why }: NoKey): string {
  const sentence = `${argument} is not valid key material`;
  return why ? `${sentence}: ${why}` : sentence;
}

/** That a key's own limits exclude an algorithm; `problem` is the number of the error in the key's home. */
export function cannotServe(argument: string, problem: number, home: Instance): string {
  const sentence = `${argument} cannot be used with this algorithm`;
  const { error_code, error_message } = home.exports();
  return error_code(problem) === "ERR_KEY_TOO_SHORT" ? `${sentence}: ${error_message(problem)}` : sentence;
}

/**
 * Whether an algorithm takes a key pair. npm jsonwebtoken judges by the first letters, even of names that do not exist.
 */
export function isAsymmetric(alg: string): boolean {
  return /^(?:RS|PS|ES)/.test(alg) || (factsOf(alg)?.keyTypes.length ?? 0) > 0;
}

/**
 * Whether the host may do the arithmetic of a key. Not for a key with restrictions: hosts disagree about them, and the
 * wasm has the messages. Nor for a key that only `allowInvalidAsymmetricKeyTypes` lets through: a host would use it,
 * and the wasm does not.
 */
export function isLendable(key: Key, alg: string): boolean {
  const isAllowed = ((key.allows >>> ALGORITHMS.indexOf(alg)) & 1) === 1;
  return key.handle >= 0 && key.asymmetricKeyType !== "rsa-pss" && isAllowed && keyMismatch(alg, key) === undefined;
}

/** A plain error about a key, for mistakes in a program. */
export function keyError(message: string, code: ErrorCode = "ERR_KEY_INVALID"): Error {
  return tandemError(code, message);
}

/** The error of a token that is refused because of its key. */
export function keyRefused(message: string, code: ErrorCode = "ERR_KEY_INVALID"): JsonWebTokenError {
  return jwtError(message, code);
}
