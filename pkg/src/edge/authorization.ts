// The access token that a request carries (RFC 6750 §2.1, RFC 9449 §7.1).

import type { Scheme } from "./responses.js";

/** A token as it was sent, not yet verified. */
export interface PresentedToken {
  readonly scheme: Scheme;
  readonly token: string;
}

/** Null for a request without a token; undefined for one with two tokens or another scheme. */
export function presentedToken(headers: Pick<Headers, "get">): PresentedToken | null | undefined {
  const header = headers.get("authorization");
  if (header === null || header.trim() === "") return null;
  // The alphabet is `b64token` of RFC 6750 §2.1. Repeated headers arrive joined by a comma, which is not in the
  // alphabet.
  const [, scheme, token] = /^(Bearer|DPoP) +([\w.~+/-]+=*) *$/i.exec(header) ?? [];
  if (scheme === undefined || token === undefined) return undefined;
  // Scheme names are case-insensitive (RFC 9110 §11.1).
  return { scheme: scheme.toLowerCase() === "dpop" ? "DPoP" : "Bearer", token };
}
