// The application's claims, on their way into a record: as JSON text without the names that are not theirs to set.

import { SessionError } from "./errors.js";
import type { Claims } from "./types.js";

const RESERVED: ReadonlySet<string> = new Set([
  "iss",
  "sub",
  "aud",
  "exp",
  "nbf",
  "iat",
  "jti",
  "sid",
  "gen",
  "scope",
  "client_id",
  "acr",
  "auth_time",
  "cnf",
]);

/**
 * The text of claims, and the reserved names that were left out of it. Throws `ERR_CLAIMS` for anything but a plain
 * object.
 */
export function claimsText(claims: Claims): { text: string; reserved: string[] } {
  const text = stringify(claims);
  // A `toJSON` may return other members than the object has, so the text that will be stored is what is checked.
  const written: unknown = JSON.parse(text);
  if (typeof written !== "object" || written === null || Array.isArray(written)) throw notAnObject();
  const reserved = Object.keys(written).filter((name) => RESERVED.has(name));
  if (reserved.length === 0) return { text, reserved };
  const kept = Object.entries(written).filter(([name]) => !RESERVED.has(name));
  return { text: JSON.stringify(Object.fromEntries(kept)), reserved };
}

function stringify(claims: unknown): string {
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) throw notAnObject();
  try {
    return JSON.stringify(claims) ?? "null";
  } catch (cause) {
    throw new SessionError("ERR_CLAIMS", "claims must be values that JSON can hold", { cause });
  }
}

function notAnObject(): SessionError {
  return new SessionError("ERR_CLAIMS", "claims must be a plain object");
}
