// The key of a new token, and whether it may sign by the algorithm that was asked for.

import { tandemError } from "../core/errors.js";
import { ALGORITHMS } from "./algorithms.js";
import type { Key } from "./key.js";
import { isAsymmetric, keyError, keyMismatch, noMaterial } from "./key-fit.js";
import type { KeyReader } from "./keys.js";
import { isKey } from "./owned-keys.js";
import { optionError } from "./sign-options.js";
import type { SignOptions } from "./types.js";

/** The key, or undefined for an unsecured token. */
export function bindKey(
  reader: KeyReader,
  key: unknown,
  options: SignOptions,
  { alg, kid }: { alg: unknown; kid?: unknown },
): Key | undefined {
  if (!key && options.algorithm !== "none") throw missing();
  // `alg` is that of the header: the option `header` may overrule the option `algorithm`.
  const bound =
    key === null || key === undefined
      ? undefined
      : reader.keyOf(key, "sign", { kid, algorithm: ALGORITHMS.indexOf(alg as string), isNamed: true });
  if (bound && !isKey(bound)) throw keyError(noMaterial("secretOrPrivateKey", bound), bound.code);
  const refusal = refuse(bound, options, alg);
  if (refusal !== undefined) throw refusal;
  return bound;
}

function refuse(key: Key | undefined, options: SignOptions, alg: unknown): Error | undefined {
  if (typeof alg !== "string") return optionError('"algorithm" must be a valid string enum value');
  // An unknown algorithm has its own error, later on.
  if (!key) return /^(?:HS|RS|PS|ES)/.test(alg) ? missing() : undefined;
  const message = wrongKind(key, options, alg);
  return message === undefined ? undefined : keyError(message);
}

function wrongKind({ type, asymmetricKeyDetails }: Key, options: SignOptions, alg: string): string | undefined {
  if (alg.startsWith("HS"))
    return type === "secret" ? undefined : `secretOrPrivateKey must be a symmetric key when using ${alg}`;
  if (!isAsymmetric(alg)) return undefined;
  if (type !== "private") return `secretOrPrivateKey must be an asymmetric key when using ${alg}`;
  const bits = asymmetricKeyDetails?.modulusLength;
  // RFC 7518 §3.3 and §3.5 ask for 2048 bits or more.
  const isShort = bits !== undefined && bits < 2048 && /^[RP]S/.test(alg) && !options.allowInsecureKeySizes;
  return isShort ? `secretOrPrivateKey has a minimum key size of 2048 bits for ${alg}` : undefined;
}

/** Throws if the key does not fit the algorithm, as npm jsonwebtoken judges it. */
export function checkFit(key: Key | undefined, options: SignOptions, alg: string): void {
  if (!key || options.allowInvalidAsymmetricKeyTypes) return;
  const message = keyMismatch(alg, key);
  if (message !== undefined) throw keyError(message);
}

function missing(): Error {
  return tandemError("ERR_KEY_MISSING", "secretOrPrivateKey must have a value");
}
