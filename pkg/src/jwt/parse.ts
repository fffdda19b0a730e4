// From text to the parts of a token. A token has one spelling, and a header one meaning.

import { BASE64URL_ALPHABET, decodeBase64 } from "../core/base64.js";
import { MAX_LENGTH } from "../core/buffers.js";
import { jwtError } from "../core/errors.js";
import { TextDecoder } from "../core/text.js";
import { withCode } from "../core/with-code.js";
import { readToken } from "./decode.js";
import { hasDuplicates } from "./header.js";
import type { Jwt, JwtHeader } from "./types.js";

/** A well-formed token. */
export interface Parsed extends Jwt {
  readonly token: string;
  /** The header as it was read, whatever a key function does to the object that it is given. */
  readonly written: Pick<JwtHeader, "alg" | "kid">;
}

/**
 * The parts of a token. Throws a `JsonWebTokenError` for malformed text, and for extensions that must be understood.
 */
export function parse(token: unknown): Parsed {
  if (!token) throw jwtError("jwt must be provided", "ERR_JWT_MISSING");
  if (typeof token !== "string") throw jwtError("jwt must be a string", "ERR_JWT_MALFORMED");
  // Before any search: the cost of a hostile token is bounded here.
  if (token.length > MAX_LENGTH) throw jwtError("jwt is longer than 8 MiB", "ERR_JWT_TOO_LARGE");
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 0 || second < 0 || token.includes(".", second + 1)) throw jwtError("jwt malformed", "ERR_JWT_MALFORMED");
  const parsed = read(token);
  if (parsed === null || !isStrict(token, first, second, parsed)) throw jwtError("invalid token", "ERR_JWT_MALFORMED");
  // Before the key is asked for: a token with unknown extensions means something that nobody here can judge.
  refuseCritical(parsed.header);
  // Copied now, since a key function gets the header object itself and may change it.
  const { alg, kid } = parsed.header;
  return { token, ...parsed, written: { alg, kid } as Parsed["written"] };
}

function read(token: string): Jwt | null {
  try {
    return readToken(token, false);
  } catch (error) {
    // The header says JSON and the payload is not: a SyntaxError, as npm jsonwebtoken throws it.
    throw withCode(error, "ERR_JWT_MALFORMED");
  }
}

/** Stricter than npm jsonwebtoken: strict base64url, and no member twice in a header. */
function isStrict(token: string, first: number, second: number, { header }: Jwt): boolean {
  if (typeof header !== "object" || Array.isArray(header)) return false;
  if (!isCanonical(token.slice(0, first)) || !isCanonical(token.slice(first + 1, second))) return false;
  return !hasDuplicates(new TextDecoder().decode(decodeBase64(token.slice(0, first))));
}

/** Whether the unused bits of the last character are zero, so that the text is the only spelling of its bytes. */
export function isCanonical(part: string): boolean {
  const last = BASE64URL_ALPHABET.indexOf(part.at(-1) ?? "");
  // Two characters have 4 unused bits, three have 2. One character carries no whole byte, so it is never canonical.
  const rest = part.length % 4;
  return rest === 0 || (rest === 2 && (last & 15) === 0) || (rest === 3 && (last & 3) === 0);
}

/** Refuses critical extensions (RFC 7515 §4.1.11) and unencoded payloads (RFC 7797 §3): neither is implemented. */
function refuseCritical(header: JwtHeader): void {
  if (header.crit !== undefined)
    throw jwtError("the header has critical parameters that are not understood", "ERR_JWT_HEADER");
  if ((header as { b64?: unknown }).b64 === false)
    throw jwtError("unencoded payloads are not supported", "ERR_JWT_HEADER");
}
