// The access token that a request carries (RFC 6750 §2.1, RFC 9449 §7.1).

import type { Scheme } from "./responses.js";

export interface PresentedToken {
  readonly scheme: Scheme;
  readonly token: string;
}

/** Null for a request without one; undefined for what is none: two of them, or another scheme. */
export function presentedToken(headers: Pick<Headers, "get">): PresentedToken | null | undefined {
  const header = headers.get("authorization");
  if (header === null || header.trim() === "") return null;
  // Several headers arrive as one, with a comma between them.
  const [, scheme, token] = /^(Bearer|DPoP) +([\w.~+/-]+=*) *$/i.exec(header) ?? [];
  if (scheme === undefined || token === undefined) return undefined;
  return { scheme: scheme.toLowerCase() === "dpop" ? "DPoP" : "Bearer", token };
}
