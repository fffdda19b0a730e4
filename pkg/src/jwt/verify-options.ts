// The options of `verify`, copied and checked.

import { jwtError } from "../core/errors.js";
import { checkSchema } from "./schema.js";
import type { VerifyOptions } from "./types.js";

/**
 * Options to verify access tokens as RFC 9068 §4 asks: their type, and the claims that each must have. Issuer and
 * audience are yours to add: `{ ...ACCESS_TOKEN, issuer, audience }`.
 */
export const ACCESS_TOKEN: Readonly<Pick<VerifyOptions, "requiredTyp" | "requiredClaims">> = Object.freeze({
  requiredTyp: "at+jwt",
  requiredClaims: Object.freeze(["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]),
});

/** Every option as an own member, so that none is read from a polluted prototype. */
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

/** A copy, so that getters run once and inherited options do not count. */
export function ownOptions(options: VerifyOptions | null | undefined): VerifyOptions {
  return { ...NO_OPTIONS, ...options };
}

/** A copy of options that the caller's later changes do not reach. */
export function copied(options: VerifyOptions | undefined): VerifyOptions {
  const copy = ownOptions(options);
  for (const [name, value] of Object.entries(copy)) {
    if (Array.isArray(value)) Object.assign(copy, { [name]: [...(value as unknown[])] });
  }
  return copy;
}

/** The time to verify at. Throws for the options that are looked at first, in the order of npm jsonwebtoken. */
export function timeOf(options: VerifyOptions): number {
  const { clockTimestamp, clockTolerance, nonce, allowInvalidAsymmetricKeyTypes, requiredTyp, requiredClaims, schema } =
    options;
  if (schema !== undefined) checkSchema(schema);
  if (clockTimestamp && typeof clockTimestamp !== "number") {
    throw jwtError("clockTimestamp must be a number", "ERR_JWT_OPTIONS");
  }
  if (clockTolerance && typeof clockTolerance !== "number") {
    throw jwtError("clockTolerance must be a number of seconds", "ERR_JWT_OPTIONS");
  }
  if (nonce !== undefined && (typeof nonce !== "string" || nonce.trim() === "")) {
    throw jwtError("nonce must be a non-empty string", "ERR_JWT_OPTIONS");
  }
  if (allowInvalidAsymmetricKeyTypes !== undefined && typeof allowInvalidAsymmetricKeyTypes !== "boolean") {
    throw jwtError("allowInvalidAsymmetricKeyTypes must be a boolean", "ERR_JWT_OPTIONS");
  }
  if (requiredTyp !== undefined && typeof requiredTyp !== "string") {
    throw jwtError("requiredTyp must be a string", "ERR_JWT_OPTIONS");
  }
  if (
    requiredClaims !== undefined &&
    !(Array.isArray(requiredClaims) && requiredClaims.every((name) => typeof name === "string"))
  ) {
    throw jwtError("requiredClaims must be an array of strings", "ERR_JWT_OPTIONS");
  }
  // 0 means the current time, as in npm jsonwebtoken.
  return clockTimestamp || Math.floor(Date.now() / 1000);
}
