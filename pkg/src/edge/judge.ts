// Whether a request carries an access token of another system that is valid here.

import { tell } from "../core/tell.js";
import { unknownOption } from "../core/unknown-option.js";
import { unverifiedClaims } from "../core/unverified.js";
import { verifyAsync } from "../jwt/index.js";
import type { JwtPayload, VerifyOptions } from "../jwt/types.js";
import { type PresentedToken, presentedToken } from "./authorization.js";
import { chooser, nameOf } from "./issuers.js";
import { type Possession, PROOF_ALGORITHMS, possessionOf } from "./possession.js";
import type { Proved } from "./proofs.js";
import { type GuardedRequest, type ProtectOptions, protectOptionError } from "./protect-options.js";
import type { EdgeErrorCode, ErrorDetails, Scheme } from "./responses.js";

/** The verdict. A request without a token also has the code `invalid_token`, but its challenge names no error. */
export type Judged =
  | { readonly kind: "good"; readonly claims: JwtPayload; readonly token: string }
  | { readonly kind: "nobody" | "refused"; readonly code: EdgeErrorCode; readonly details: ErrorDetails };

/** `scope` is required in addition to the scope in the options. */
export type Judge = (request: GuardedRequest, scope?: string) => Promise<Judged>;

type JudgeToken = (presented: PresentedToken, request: GuardedRequest, scope: string) => Promise<Judged>;

/** @throws an `ERR_JWT_OPTIONS` for invalid options. */
export function judgeOf(options: ProtectOptions | readonly ProtectOptions[]): Judge {
  const list = Array.isArray(options) ? (options as readonly ProtectOptions[]) : [options as ProtectOptions];
  if (list.length === 0) throw protectOptionError("the list has no issuer");
  const challenge = challengeFor(list);
  const judgeToken = list.length === 1 ? tokenJudge(list[0] as ProtectOptions) : severalJudges(list);
  const takesProofs = list.some(({ dpop }) => dpop !== undefined);
  return async (request, scope = "") => {
    const presented = presentedToken(request.headers);
    if (presented === null) {
      return {
        kind: "nobody",
        code: "invalid_token",
        details: { description: "An access token is required.", challenge },
      };
    }
    // Malformed credentials are a bad request, not missing credentials (RFC 6750 §3.1).
    if (presented === undefined || (presented.scheme === "DPoP" && !takesProofs)) {
      const description = `Exactly one access token is required, as Authorization: Bearer${takesProofs ? " or DPoP" : ""}.`;
      return { kind: "refused", code: "invalid_request", details: { description } };
    }
    return judgeToken(presented, request, scope);
  };
}

/** The issuer that a token claims selects the judge, which then verifies that claim with the rest. */
function severalJudges(list: readonly ProtectOptions[]): JudgeToken {
  const judges = new Map<string, JudgeToken>();
  for (const options of list) judges.set(nameOf(options, judges), tokenJudge(options));
  const handlers = new Set(list.map(({ on }) => on));
  return async (presented, request, scope) => {
    const { iss } = unverifiedClaims(presented.token);
    const judge = typeof iss === "string" ? judges.get(iss) : undefined;
    if (judge !== undefined) return judge(presented, request, scope);
    for (const on of handlers) tell(on, { type: "refused", reason: "ERR_JWT_CLAIM" });
    return refused("invalid_token", presented.scheme);
  };
}

/** The names of the options, kept complete by the compiler. */
const KNOWN: Readonly<Record<keyof ProtectOptions, true>> = {
  issuer: true,
  algorithms: true,
  audience: true,
  scope: true,
  requiredTyp: true,
  requiredClaims: true,
  clockTolerance: true,
  accept: true,
  dpop: true,
  on: true,
  now: true,
};

function tokenJudge(options: ProtectOptions): JudgeToken {
  const unknown = unknownOption(options, Object.keys(KNOWN));
  if (unknown !== undefined) throw protectOptionError(`it ${unknown}`);
  if (options.accept !== undefined && typeof options.accept !== "function")
    throw protectOptionError("accept must be a function");
  if (options.scope !== undefined && typeof options.scope !== "string")
    throw protectOptionError("scope must be a string");
  const choose = chooser(options);
  const { accept, clockTolerance = 0, dpop, now, on, requiredClaims = [], requiredTyp, scope: always = "" } = options;
  const possession = dpop === undefined ? null : possessionOf(dpop, now ?? wallClock);
  const expected: VerifyOptions = {
    clockTolerance,
    // A token without `exp` would be valid forever.
    requiredClaims: ["exp", ...requiredClaims],
    ...(requiredTyp !== undefined && { requiredTyp }),
  };

  return async ({ scheme, token }, request, scope) => {
    let claims: JwtPayload | string;
    const refuse = (
      reason: string,
      claims?: JwtPayload,
      code: EdgeErrorCode = "invalid_token",
      details?: ErrorDetails,
    ) => {
      tell(on, { type: "refused", reason, ...(claims !== undefined && { claims }) });
      return refused(code, scheme, details);
    };
    try {
      const { key, options: chosen } = choose(token);
      const time = now === undefined ? {} : { clockTimestamp: now() };
      claims = (await verifyAsync(token, key, { ...expected, ...chosen, ...time })) as JwtPayload | string;
    } catch (error) {
      return failed(error, on, scheme);
    }
    // A payload that is not an object has no claims to check.
    if (typeof claims === "string") return refuse("ERR_JWT_PAYLOAD");
    const bound = boundTo(claims, scheme, possession);
    if (bound === false) return refuse("ERR_JWT_BOUND", claims);
    // Only `true` accepts: neither undefined nor a promise that was not awaited may pass.
    if (accept !== undefined && (await accept(claims)) !== true) return refuse("ERR_JWT_CLAIM", claims);
    const wanted = `${always} ${scope}`.split(" ").filter((name) => name !== "");
    const granted = scopesOf(claims);
    if (!wanted.every((name) => granted.has(name)))
      return refuse("ERR_SCOPE", claims, "insufficient_scope", { scope: wanted.join(" ") });
    if (bound !== null) {
      // Checked last: a proof must not be used up by a request that is refused anyway.
      const unproved = await bound.possession
        .prove(provable(request), token, String(claims.iss), bound.jkt)
        .catch(away);
      if (unproved instanceof Error) return failed(unproved, on, scheme);
      if (unproved !== null) return refuse(unproved.reason, claims, unproved.code, unproved.details);
    }
    return { kind: "good", claims, token };
  };
}

/**
 * The key that must be proven, or null for an unbound token. False if the token must be refused the way it was sent.
 */
function boundTo(
  { cnf }: JwtPayload,
  scheme: Scheme,
  possession: Possession | null,
): { readonly possession: Possession; readonly jkt: string } | null | false {
  // An unbound token must not pass for a bound one.
  if (cnf === undefined) return scheme === "Bearer" && possession?.required !== true ? null : false;
  const { jkt } = Object(cnf) as { jkt?: unknown };
  // A token bound to a key (RFC 7800) but sent as a bearer token may be a stolen copy. A binding of an unknown kind is
  // a binding too.
  return possession !== null && scheme === "DPoP" && typeof jkt === "string" ? { possession, jkt } : false;
}

function provable({ headers, method, url }: GuardedRequest): Proved {
  if (method === undefined || url === undefined)
    throw protectOptionError("with dpop, a request must have method and url");
  return { headers, method, url };
}

/** Returns the error of a store that is down, to be answered. Rethrows a mistake of the program. */
function away(error: unknown): Error {
  if ((Object(error) as { code?: unknown }).code !== "ERR_STORE_UNAVAILABLE") throw error;
  return error as Error;
}

/** Throws on a mistake of the program: no response to the client would fix it. */
function failed(error: unknown, on: ProtectOptions["on"], scheme: Scheme): Judged {
  const { code } = Object(error) as { code?: unknown };
  // The key source or the proof memory has failed; the token itself may be valid.
  if (code === "ERR_KEYS_UNAVAILABLE" || code === "ERR_KEY_CALLBACK" || code === "ERR_STORE_UNAVAILABLE") {
    tell(on, { type: "unavailable", error });
    return refused("temporarily_unavailable", scheme);
  }
  // Token and key error codes concern what was sent. Anything else, including invalid options, is a mistake of the
  // program.
  if (typeof code !== "string" || !/^ERR_(JWT|KEY)_/.test(code) || code === "ERR_JWT_OPTIONS") throw error;
  tell(on, { type: "refused", reason: code, error });
  return refused("invalid_token", scheme);
}

function refused(code: EdgeErrorCode, scheme: Scheme, details: ErrorDetails = {}): Judged {
  const description = DESCRIPTIONS[code];
  return { kind: "refused", code, details: { scheme, ...(description !== undefined && { description }), ...details } };
}

const DESCRIPTIONS: { readonly [Code in EdgeErrorCode]?: string } = {
  invalid_token: "The access token is not valid here.",
  insufficient_scope: "The access token lacks a scope that this request needs.",
};

/** The challenge for a request without a token names the schemes and no error (RFC 6750 §3.1, RFC 9449 §7.1). */
function challengeFor(list: readonly ProtectOptions[]): string {
  const schemes = [];
  if (list.some(({ dpop }) => dpop?.required !== true)) schemes.push("Bearer");
  if (list.some(({ dpop }) => dpop !== undefined)) schemes.push(`DPoP algs="${PROOF_ALGORITHMS.join(" ")}"`);
  return schemes.join(", ");
}

/** `scope` as text (RFC 8693 §4.2), and `scp`, which Entra writes as text and Okta as a list. */
function scopesOf({ scope, scp }: JwtPayload): ReadonlySet<string> {
  const names = [scope, scp].flatMap((value: unknown) => (typeof value === "string" ? value.split(" ") : value));
  return new Set(names.filter((name): name is string => typeof name === "string" && name !== ""));
}

const wallClock = (): number => Math.floor(Date.now() / 1000);
