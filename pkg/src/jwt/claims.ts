// The claims of a payload against the options: the checks of npm jsonwebtoken, in its order.

import { type JsonWebTokenError, jwtError, NotBeforeError, TokenExpiredError } from "../core/errors.js";
import { isRegExp } from "../core/kinds.js";
import { after } from "./timespan.js";
import type { JwtHeader, JwtPayload, VerifyOptions } from "./types.js";

/** Throws at the first claim that is wrong. `now` is in seconds since 1970. */
export function checkClaims(payload: JwtPayload, options: VerifyOptions, now: number): void {
  const tolerance = options.clockTolerance || 0;
  checkTimes(payload, options, now, tolerance);
  // After the times: an option of a wrong type must not hide that a token has expired.
  checkExpectations(options);
  // A falsy option checks nothing, as in npm jsonwebtoken: an empty string from the environment is no expectation.
  if (options.audience) checkAudience(payload.aud, options.audience);
  if (options.issuer) checkIssuer(payload.iss, options.issuer);
  if (options.subject && payload.sub !== options.subject) throw unexpected("subject", () => `${options.subject}`);
  if (options.jwtid && payload.jti !== options.jwtid) throw unexpected("jwtid", () => `${options.jwtid}`);
  if (options.nonce && payload.nonce !== options.nonce) throw unexpected("nonce", () => `${options.nonce}`);
  if (options.maxAge) checkAge(payload.iat, options.maxAge, now, tolerance);
  // Own members only: `constructor` would be found on every object.
  for (const name of options.requiredClaims ?? [])
    if (!Object.hasOwn(payload, name)) throw claim(`jwt ${name} required`);
}

const isText = (value: unknown): boolean => typeof value === "string";
const isAudience = (value: unknown): boolean => isText(value) || isRegExp(value);
const isOneOrMore = (value: unknown, isOne: (one: unknown) => boolean): boolean =>
  !value || isOne(value) || (Array.isArray(value) && value.every(isOne));

/** Refuses options of a type that no claim can equal: with some of them npm jsonwebtoken lets every token pass. */
export function checkExpectations({ audience, issuer, subject, jwtid }: VerifyOptions): void {
  if (!isOneOrMore(audience, isAudience)) {
    throw jwtError("audience must be a string, a RegExp or an array of these", "ERR_JWT_OPTIONS");
  }
  if (!isOneOrMore(issuer, isText)) throw jwtError("issuer must be a string or an array of strings", "ERR_JWT_OPTIONS");
  if (subject && !isText(subject)) throw jwtError("subject must be a string", "ERR_JWT_OPTIONS");
  if (jwtid && !isText(jwtid)) throw jwtError("jwtid must be a string", "ERR_JWT_OPTIONS");
}

/** Throws unless the header has the expected type (RFC 8725 §3.11). */
export function checkType({ typ }: JwtHeader, expected: string): void {
  if (mediaType(typ) !== mediaType(expected))
    throw jwtError(`jwt typ invalid. expected: ${expected}`, "ERR_JWT_HEADER");
}

/** A media type in lower case, without the prefix that may be left out (RFC 7515 §4.1.9). */
function mediaType(typ: unknown): string | undefined {
  return typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : undefined;
}

function checkTimes(payload: JwtPayload, options: VerifyOptions, now: number, tolerance: number): void {
  // `nbf` comes first, as in npm jsonwebtoken: a token that fails both checks is reported as not active yet.
  const { nbf, exp } = payload as { nbf?: unknown; exp?: unknown };
  if (nbf !== undefined && !options.ignoreNotBefore) {
    if (typeof nbf !== "number") throw claim("invalid nbf value");
    if (nbf > now + tolerance) throw new NotBeforeError("jwt not active", new Date(nbf * 1000));
  }
  if (exp !== undefined && !options.ignoreExpiration) {
    if (typeof exp !== "number") throw claim("invalid exp value");
    // A token is refused "on or after" its `exp` (RFC 7519 §4.1.4), and accepted at the second of its `nbf` (§4.1.5).
    if (now >= exp + tolerance) throw new TokenExpiredError("jwt expired", new Date(exp * 1000));
  }
}

function checkAudience(claimed: unknown, expected: NonNullable<VerifyOptions["audience"]>): void {
  const allowed: readonly unknown[] = Array.isArray(expected) ? expected : [expected];
  const targets: readonly unknown[] = Array.isArray(claimed) ? claimed : [claimed];
  // A claim that is missing or not text matches nothing. npm jsonwebtoken would test a RegExp against the word
  // "undefined".
  const isText = targets.every((target) => typeof target === "string");
  const fits = isText && (targets as string[]).some((target) => allowed.some((audience) => matches(audience, target)));
  if (!fits) throw unexpected("audience", () => allowed.join(" or "));
}

/**
 * By `search` and not by `test`: with the flag `g`, `test` goes on from the last match and would refuse every second
 * token.
 */
function matches(expected: unknown, target: string): boolean {
  return isRegExp(expected) ? target.search(expected) !== -1 : expected === target;
}

function checkIssuer(claimed: unknown, expected: NonNullable<VerifyOptions["issuer"]>): void {
  // Compared as it stands, without normalising case or a trailing slash (RFC 7519 §2, StringOrURI).
  const fits = Array.isArray(expected) ? (expected as unknown[]).includes(claimed) : claimed === expected;
  if (!fits) throw unexpected("issuer", () => String(expected));
}

function checkAge(iat: unknown, maxAge: string | number, now: number, tolerance: number): void {
  if (typeof iat !== "number") throw claim("iat required when maxAge is specified");
  // Where iat is 0, npm jsonwebtoken counts from the current time.
  const end = after(iat || Math.floor(Date.now() / 1000), maxAge);
  if (end === undefined) {
    throw jwtError(
      '"maxAge" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60',
      "ERR_JWT_OPTIONS",
    );
  }
  if (now >= end + tolerance) throw new TokenExpiredError("maxAge exceeded", new Date(end * 1000));
}

// `expected` is a function because some values throw when they become text, and only a failure needs the text.
function unexpected(what: string, expected: () => string): JsonWebTokenError {
  let text: string;
  try {
    text = expected();
  } catch {
    // A symbol, or an object without a prototype, has no text. The option is a mistake, and the claim still does not
    // fit.
    text = "a value that has no text";
  }
  return claim(`jwt ${what} invalid. expected: ${text}`);
}

function claim(message: string): JsonWebTokenError {
  return jwtError(message, "ERR_JWT_CLAIM");
}
