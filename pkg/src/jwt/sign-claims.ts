// The claims of a new token: the payload's own, and those that the options ask for.

import { tandemError } from "../core/errors.js";
import { checkNoClaims, checkPayload, optionError } from "./sign-options.js";
import { after } from "./timespan.js";
import type { JwtPayload, SignOptions } from "./types.js";

/**
 * The payload with the claims that the options ask for. `checkRest` checks the options and the key, where npm
 * jsonwebtoken checks them.
 */
export function makeClaims(payload: unknown, isObject: boolean, options: SignOptions, checkRest: () => void): unknown {
  if (payload === undefined) throw tandemError("ERR_JWT_PAYLOAD", "payload is required");
  if (isObject) checkPayload(payload);
  else checkNoClaims(options, typeof payload);
  if (!isObject) {
    checkRest();
    return payload;
  }
  // A frozen object cannot take the claims, so it is copied.
  const claims =
    options.mutatePayload && Object.isExtensible(payload) ? (payload as JwtPayload) : copyOf(payload as JwtPayload);
  refuseTwice(
    claims.exp,
    options.expiresIn,
    'Bad "options.expiresIn" option the payload already has an "exp" property.',
  );
  refuseTwice(
    claims.nbf,
    options.notBefore,
    'Bad "options.notBefore" option the payload already has an "nbf" property.',
  );
  // After `exp` and `nbf` and before the other claims: npm jsonwebtoken checks options and key at this point.
  checkRest();
  setTimes(claims, options);
  setClaim(claims, "aud", options.audience, "audience");
  setClaim(claims, "iss", options.issuer, "issuer");
  setClaim(claims, "sub", options.subject, "subject");
  setClaim(claims, "jti", options.jwtid, "jwtid");
  return claims;
}

/**
 * A copy. Object.assign leaves V8 room for new properties; a spread copy is reallocated for each claim that is added.
 */
function copyOf(payload: JwtPayload): JwtPayload {
  // To assign `__proto__` would set the prototype of the copy.
  return Object.hasOwn(payload, "__proto__") ? { ...payload } : Object.assign({}, payload);
}

function setTimes(claims: JwtPayload, options: SignOptions): void {
  // Spans count from the payload's own `iat`, even where `noTimestamp` takes it off again.
  const now = claims.iat || Math.floor(Date.now() / 1000);
  if (!options.noTimestamp) claims.iat = now;
  // To delete a missing property would still put the object in dictionary mode, which is slow.
  else if (Object.hasOwn(claims, "iat")) delete claims.iat;
  // `nbf` before `exp`, then the others: the order of the members in the token is that of npm jsonwebtoken.
  if (options.notBefore !== undefined) claims.nbf = timeAfter(now, options.notBefore, "notBefore");
  if (options.expiresIn !== undefined) claims.exp = timeAfter(now, options.expiresIn, "expiresIn");
}

function timeAfter(now: number, span: string | number, option: string): number {
  const time = after(now, span);
  if (time !== undefined) return time;
  throw optionError(`"${option}" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60`);
}

function setClaim(claims: JwtPayload, claim: string, value: unknown, option: string): void {
  if (value === undefined) return;
  refuseTwice(claims[claim], value, `Bad "options.${option}" option. The payload already has an "${claim}" property.`);
  claims[claim] = value;
}

function refuseTwice(claim: unknown, option: unknown, message: string): void {
  if (claim !== undefined && option !== undefined) throw optionError(message);
}
