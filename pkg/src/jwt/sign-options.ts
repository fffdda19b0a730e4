// The options that `sign` accepts, with the rules, the order and the messages of npm jsonwebtoken.

import { tandemError } from "../core/errors.js";
import { SIGNABLE } from "./algorithms.js";
import type { SignOptions } from "./types.js";

interface Rule {
  readonly fits: (value: unknown) => boolean;
  readonly message: string;
}

/** A primitive, or an object that wraps one, as lodash has it. */
const is =
  (type: "String" | "Boolean" | "Number") =>
  (value: unknown): boolean =>
    typeof value === type.toLowerCase() ||
    (typeof value === "object" && Object.prototype.toString.call(value) === `[object ${type}]`);

const isString = is("String");
const isBoolean = is("Boolean");
const isNumber = is("Number");
const isSpan = (value: unknown): boolean => Number.isInteger(value) || (isString(value) && value !== "");

const rule = (fits: Rule["fits"], message: string): Rule => ({ fits, message });
const span = (name: string): Rule =>
  rule(isSpan, `"${name}" should be a number of seconds or string representing a timespan`);
const string = (name: string): Rule => rule(isString, `"${name}" must be a string`);
const boolean = (name: string): Rule => rule(isBoolean, `"${name}" must be a boolean`);
const time = (name: string): Rule => rule(isNumber, `"${name}" should be a number of seconds`);

// A map, since names come from the caller: an object would know `constructor` as an option.
const OPTIONS: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["expiresIn", span("expiresIn")],
  ["notBefore", span("notBefore")],
  ["audience", rule((value) => isString(value) || Array.isArray(value), '"audience" must be a string or array')],
  ["algorithm", rule((value) => SIGNABLE.includes(value as string), '"algorithm" must be a valid string enum value')],
  ["header", rule(isPlainObject, '"header" must be an object')],
  ["encoding", string("encoding")],
  ["issuer", string("issuer")],
  ["subject", string("subject")],
  ["jwtid", string("jwtid")],
  ["noTimestamp", boolean("noTimestamp")],
  ["keyid", string("keyid")],
  ["mutatePayload", boolean("mutatePayload")],
  ["allowInsecureKeySizes", boolean("allowInsecureKeySizes")],
  ["allowInvalidAsymmetricKeyTypes", boolean("allowInvalidAsymmetricKeyTypes")],
]);

const TIMES = ["iat", "exp", "nbf"] as const;
const TIME_RULES = new Map(TIMES.map((name) => [name as string, time(name)]));

/** The options that become claims, which only an object can hold. */
const FOR_OBJECTS = ["expiresIn", "notBefore", "noTimestamp", "audience", "issuer", "subject", "jwtid"] as const;

/** Throws at the first option that is unknown or of a wrong type, in the order of the object's keys. */
export function checkSignOptions(options: SignOptions): void {
  if (!isPlainObject(options)) throw optionError('Expected "options" to be a plain object.');
  for (const name of Object.keys(options)) {
    const known = OPTIONS.get(name);
    if (!known) throw optionError(`"${name}" is not allowed in "options"`);
    if (!known.fits(options[name as keyof SignOptions])) throw optionError(known.message);
  }
}

/** Throws unless the payload is a plain object whose times are numbers. */
export function checkPayload(payload: unknown): void {
  if (!isPlainObject(payload)) throw tandemError("ERR_JWT_PAYLOAD", 'Expected "payload" to be a plain object.');
  const claims = payload as Record<string, unknown>;
  let wrongTimes = false;
  // Three look-ups for the usual payload, instead of a walk through all its claims.
  for (const name of TIMES) wrongTimes ||= Object.hasOwn(claims, name) && typeof claims[name] !== "number";
  if (!wrongTimes) return;
  // The error names the first one in the order of the payload's keys, as npm jsonwebtoken's does.
  for (const name of Object.keys(claims)) {
    const known = TIME_RULES.get(name);
    if (known && !known.fits(claims[name])) throw tandemError("ERR_JWT_PAYLOAD", known.message);
  }
}

/** Throws if options ask for claims and the payload is not an object. */
export function checkNoClaims(options: SignOptions, kind: string): void {
  const asked = FOR_OBJECTS.filter((name) => options[name] !== undefined);
  if (asked.length > 0) throw optionError(`invalid ${asked.join(",")} option for ${kind} payload`);
}

/** An error about an option. */
export function optionError(message: string): Error {
  return tandemError("ERR_JWT_OPTIONS", message);
}

/** Whether a value is an object made by `{}` or without a prototype, of this realm or another. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Object.prototype.toString.call(value) !== "[object Object]")
    return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  const maker: unknown = Object.hasOwn(prototype as object, "constructor") && (prototype as object).constructor;
  const source = (of: unknown): string => Function.prototype.toString.call(of);
  // The test of lodash: in every realm `Object` is an instance of itself, and its source text is the same in all.
  return typeof maker === "function" && maker instanceof maker && source(maker) === source(Object);
}
