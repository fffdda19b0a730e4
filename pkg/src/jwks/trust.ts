// Several issuers: which of them a token claims to be from, and how to verify it.

import { jwtError, tandemError } from "../core/errors.js";
import { decode } from "../jwt/decode.js";
import type { Algorithm } from "../jwt/types.js";
import type { Keys } from "./local.js";

/** An issuer whose tokens are accepted. */
export interface TrustedIssuer {
  /** The exact `iss`. `{tenantid}` in it stands for a tenant of Entra: the token's own `tid`. */
  readonly issuer: string;
  readonly keys: Keys;
  readonly algorithms: readonly Algorithm[];
  readonly audience?: string | [string, ...string[]];
  /** The tenants that `{tenantid}` may stand for. */
  readonly tenants?: readonly string[];
}

/** The key and the options to verify a token with: `verifyAsync(token, key, options)`. */
export interface Trust {
  readonly key: Keys;
  readonly options: { issuer: string; algorithms: Algorithm[]; audience?: string | [string, ...string[]] };
}

const TENANT = "{tenantid}";

/**
 * Chooses an issuer by the `iss` of a token. Nothing is verified by it: the options that it gives name the issuer, so
 * that verifying compares it. A token of no issuer in the list is an `ERR_JWT_CLAIM`, and costs no fetch.
 */
export function trustIssuers(issuers: readonly TrustedIssuer[]): (token: string) => Trust {
  const trusted = issuers.map(checked);
  return (token) => {
    const { iss, tid } = claimsOf(token);
    for (const one of trusted) {
      const issuer = nameFor(one, tid);
      if (issuer === undefined || issuer !== iss) continue;
      const audience = one.audience === undefined ? {} : { audience: one.audience };
      // Copies, so that whoever changes the options of one token does not change those of the next.
      return { key: one.keys, options: { issuer, algorithms: [...one.algorithms], ...audience } };
    }
    throw jwtError("jwt issuer is not trusted", "ERR_JWT_CLAIM");
  };
}

/** The claims of a token that nobody has verified yet. */
function claimsOf(token: string): { readonly iss?: unknown; readonly tid?: unknown } {
  try {
    return decode(token, { json: true }) ?? {};
  } catch {
    throw jwtError("invalid token", "ERR_JWT_MALFORMED");
  }
}

/**
 * A copy of an entry, so that later changes of the caller's do not count. A pattern without tenants would trust every
 * tenant of Entra, which anybody can create.
 */
function checked(one: TrustedIssuer): TrustedIssuer {
  if (typeof one.issuer !== "string" || typeof one.keys !== "function" || !Array.isArray(one.algorithms))
    throw tandemError("ERR_JWT_OPTIONS", "a trusted issuer needs issuer, keys and algorithms");
  if (one.issuer.includes(TENANT) !== (one.tenants !== undefined))
    throw tandemError("ERR_JWT_OPTIONS", `an issuer with ${TENANT} needs tenants, and no other takes them`);
  return { ...one, algorithms: [...one.algorithms], ...(one.tenants && { tenants: [...one.tenants] }) };
}

/** The issuer that a token of this tenant must have; undefined for a tenant that is not on the list. */
function nameFor({ issuer, tenants }: TrustedIssuer, tid: unknown): string | undefined {
  if (tenants === undefined) return issuer;
  // A function as the replacement, because `$&` and the like in a text would be expanded.
  return typeof tid === "string" && tenants.includes(tid) ? issuer.replace(TENANT, () => tid) : undefined;
}
