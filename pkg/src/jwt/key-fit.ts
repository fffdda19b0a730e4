// Whether a key of a pair fits an algorithm: the rules and words of npm jsonwebtoken, and the same for the families
// it lacks.

import { type ErrorCode, type JsonWebTokenError, refused, tandemError } from "../core/errors.js";
import type { Instance } from "../core/instance.js";
import { ALGORITHMS } from "./algorithms.js";
import type { Key, NoKey } from "./key.js";

const SERVED: ReadonlyMap<string, readonly string[]> = new Map([
  ["ec", ["ES256", "ES384", "ES512"]],
  ["rsa", ["RS256", "PS256", "RS384", "PS384", "RS512", "PS512"]],
  ["rsa-pss", ["PS256", "PS384", "PS512"]],
  ["ed25519", ["EdDSA", "Ed25519"]],
  ["ml-dsa-44", ["ML-DSA-44"]],
  ["ml-dsa-65", ["ML-DSA-65"]],
  ["ml-dsa-87", ["ML-DSA-87"]],
]);

const CURVES: ReadonlyMap<string, string> = new Map([
  ["ES256", "prime256v1"],
  ["ES384", "secp384r1"],
  ["ES512", "secp521r1"],
  ["ES256K", "secp256k1"],
]);

/** Whether there are algorithms for keys of a type. */
export function isServed(type: string): boolean {
  return SERVED.has(type);
}

/** What is wrong with using this key for this algorithm, or undefined. */
export function misfit(
  alg: string,
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: Key,
): string | undefined {
  if (type === undefined) return undefined;
  const served = SERVED.get(type);
  if (!served) return `Unknown key type "${type}".`;
  const curve = CURVES.get(alg);
  if (type === "ec" && curve === "secp256k1" && details?.namedCurve === curve) return undefined;
  if (!served.includes(alg)) return `"alg" parameter for "${type}" key type must be one of: ${served.join(", ")}.`;
  if (type === "ec" && details?.namedCurve !== curve) return `"alg" parameter "${alg}" requires curve "${curve}".`;
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

/** That a key's own limits exclude an algorithm; `problem` is the number of the error in the key's home. */
export function cannotServe(argument: string, problem: number, home: Instance): string {
  const sentence = `${argument} cannot be used with this algorithm`;
  const { error_code, error_message } = home.exports();
  return error_code(problem) === "ERR_KEY_TOO_SHORT" ? `${sentence}: ${error_message(problem)}` : sentence;
}

/** Whether an algorithm takes a key of a pair. */
export function isAsymmetric(alg: string): boolean {
  return /^(?:RS|PS|ES|EdDSA$|Ed25519$|ML-DSA-)/.test(alg);
}

/**
 * Whether the arithmetic of a key may be lent out. A key that restricts itself is read differently by hosts, and the wasm knows the
 * words for what a JWK forbids. What `allowInvalidAsymmetricKeyTypes` lets through a host would use, and the wasm does not.
 */
export function isLendable(key: Key, alg: string): boolean {
  const isAllowed = ((key.allows >>> ALGORITHMS.indexOf(alg)) & 1) === 1;
  return key.number >= 0 && key.asymmetricKeyType !== "rsa-pss" && isAllowed && misfit(alg, key) === undefined;
}

/** The error of `sign` for a key that does not fit. */
export function unfit(message: string, code: ErrorCode = "ERR_KEY_INVALID"): Error {
  return tandemError(code, message);
}

/** The error of `verify` for a key that does not fit. */
export function unfitToVerify(message: string, code: ErrorCode = "ERR_KEY_INVALID"): JsonWebTokenError {
  return refused(message, code);
}
