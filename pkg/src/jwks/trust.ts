// Several issuers: which of them a token claims to be from, and with what it has to be verified.

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

/** With what a token has to be verified: `verifyAsync(token, key, options)`. */
export interface Trust {
  readonly key: Keys;
  readonly options: { issuer: string; algorithms: Algorithm[]; audience?: string | [string, ...string[]] };
}

const TENANT = "{tenantid}";

/**
 * Chooses an issuer by the `iss` of a token. Nothing is verified by it: the options that it gives name the issuer, so
 * that verifying compares it. A token of no issuer in the list is an `ERR_JWT_CLAIM`.
 */
export function trustIssuers(issuers: readonly TrustedIssuer[]): (token: string) => Trust {
  const trusted = issuers.map(checked);
  return (token) => {
    const { iss, tid } = claimsOf(token);
    for (const one of trusted) {
      const issuer = nameFor(one, tid);
      if (issuer === undefined || issuer !== iss) continue;
      const audience = one.audience === undefined ? {} : { audience: one.audience };
      return { key: one.keys, options: { issuer, algorithms: [...one.algorithms], ...audience } };
    }
    throw jwtError("jwt issuer is not trusted", "ERR_JWT_CLAIM");
  };
}

function claimsOf(token: string): { readonly iss?: unknown; readonly tid?: unknown } {
  try {
    return decode(token, { json: true }) ?? {};
  } catch {
    throw jwtError("invalid token", "ERR_JWT_MALFORMED");
  }
}

function checked(one: TrustedIssuer): TrustedIssuer {
  if (typeof one.issuer !== "string" || typeof one.keys !== "function" || !Array.isArray(one.algorithms))
    throw tandemError("ERR_JWT_OPTIONS", "a trusted issuer needs issuer, keys and algorithms");
  if (one.issuer.includes(TENANT) !== (one.tenants !== undefined))
    throw tandemError("ERR_JWT_OPTIONS", `an issuer with ${TENANT} needs its tenants, and only such an issuer`);
  return { ...one, algorithms: [...one.algorithms], ...(one.tenants && { tenants: [...one.tenants] }) };
}

function nameFor({ issuer, tenants }: TrustedIssuer, tid: unknown): string | undefined {
  if (tenants === undefined) return issuer;
  return typeof tid === "string" && tenants.includes(tid) ? issuer.replace(TENANT, () => tid) : undefined;
}
