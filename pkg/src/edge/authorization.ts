// The access token that a request carries (RFC 6750 §2.1, RFC 9449 §7.1).

import type { Scheme } from "./responses.js";

/** A token as it was sent, before anything in it is believed. */
export interface PresentedToken {
  readonly scheme: Scheme;
  readonly token: string;
}

/** Null for a request without a token; undefined for two of them, or another scheme. */
export function presentedToken(headers: Pick<Headers, "get">): PresentedToken | null | undefined {
  const header = headers.get("authorization");
  if (header === null || header.trim() === "") return null;
  // The alphabet is `b64token` of RFC 6750 §2.1. Several headers arrive as one, joined by a comma, which it lacks.
  const [, scheme, token] = /^(Bearer|DPoP) +([\w.~+/-]+=*) *$/i.exec(header) ?? [];
  if (scheme === undefined || token === undefined) return undefined;
  // The name of a scheme counts in any case (RFC 9110 §11.1).
  return { scheme: scheme.toLowerCase() === "dpop" ? "DPoP" : "Bearer", token };
}
