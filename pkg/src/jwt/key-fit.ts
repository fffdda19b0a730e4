// Whether a key of a pair fits an algorithm: the rules and words of npm jsonwebtoken, and the same for the families
// it lacks.

import { type ErrorCode, type JsonWebTokenError, jwtError, tandemError } from "../core/errors.js";
import { core } from "../core/instance.js";
import { ALGORITHMS, algorithmsOfType, factsOf } from "./algorithms.js";
import type { Key } from "./key.js";
import type { NoKey } from "./owned-keys.js";

/** Whether there are algorithms for keys of a type. */
export function isServed(type: string): boolean {
  return algorithmsOfType(type) !== undefined;
}

/** What is wrong with using this key for this algorithm, or undefined. */
export function keyMismatch(
  alg: string,
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: Key,
): string | undefined {
  if (type === undefined) return undefined;
  const served = algorithmsOfType(type);
  if (!served) return `Unknown key type "${type}".`;
  const curve = factsOf(alg)?.curve?.node;
  if (type === "ec" && curve !== undefined && details?.namedCurve === curve) return undefined;
  if (!served.includes(alg)) return `"alg" parameter for "${type}" key type must be one of: ${served.join(", ")}.`;
  if (type === "ec") return `"alg" parameter "${alg}" requires curve "${curve}".`;
  if (type !== "rsa-pss") return undefined;
  const bits = Number(alg.slice(-3));
  if (details?.hashAlgorithm !== `sha${bits}` || details.mgf1HashAlgorithm !== details.hashAlgorithm) {
    return `Invalid key for this operation, its RSA-PSS parameters do not meet the requirements of "alg" ${alg}.`;
  }
  if (details.saltLength !== undefined && details.saltLength > bits / 8) {
    return `Invalid key for this operation, its RSA-PSS parameter saltLength does not meet the requirements of "alg" ${alg}.`;
  }
  return undefined;
}

/** That something is no key: npm jsonwebtoken's sentence, and the cause where there is one to tell. */
export function noMaterial(argument: string, { why }: NoKey): string {
  const sentence = `${argument} is not valid key material`;
  return why ? `${sentence}: ${why}` : sentence;
}

/** That a key's own limits exclude an algorithm; `problem` is the number of the error. */
export function cannotServe(argument: string, problem: number): string {
  const sentence = `${argument} cannot be used with this algorithm`;
  const { error_code, error_message } = core();
  return error_code(problem) === "ERR_KEY_TOO_SHORT" ? `${sentence}: ${error_message(problem)}` : sentence;
}

/** Whether an algorithm takes a key of a pair. npm jsonwebtoken goes by the first letters, of names that do not exist too. */
export function isAsymmetric(alg: string): boolean {
  return /^(?:RS|PS|ES)/.test(alg) || (factsOf(alg)?.keyTypes.length ?? 0) > 0;
}

/**
 * Whether the arithmetic of a key may be lent out. A key that restricts itself is read differently by hosts, and the wasm knows the
 * words for what a JWK forbids. What `allowInvalidAsymmetricKeyTypes` lets through a host would use, and the wasm does not.
 */
export function isLendable(key: Key, alg: string): boolean {
  const isAllowed = ((key.allows >>> ALGORITHMS.indexOf(alg)) & 1) === 1;
  return key.handle >= 0 && key.asymmetricKeyType !== "rsa-pss" && isAllowed && keyMismatch(alg, key) === undefined;
}

/** The error of `sign` for a key that does not fit. */
export function keyError(message: string, code: ErrorCode = "ERR_KEY_INVALID"): Error {
  return tandemError(code, message);
}

/** The error of `verify` for a key that does not fit. */
export function keyRefused(message: string, code: ErrorCode = "ERR_KEY_INVALID"): JsonWebTokenError {
  return jwtError(message, code);
}
