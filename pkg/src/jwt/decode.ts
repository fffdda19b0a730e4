// Reading a token without trusting it. This needs no wasm and no key, so a page can show a token with this file alone.

import { decodeBase64 } from "../core/base64.js";
import { isBytes } from "../core/kinds.js";
import { TextDecoder } from "../core/text.js";
import { withCode } from "../core/with-code.js";
import type { DecodeOptions, Jwt, JwtHeader, JwtPayload } from "./types.js";

/** The signature may be empty: that is how an unsecured token is written (RFC 7519 §6.1). */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
// `ignoreBOM` keeps a leading U+FEFF in the text, as Buffer's `toString` does. A decoder would otherwise drop it.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/**
 * Reads a token and verifies nothing: anyone may have written it.
 *
 * Returns null if the text is not a token. With `complete` it returns header, payload and signature.
 */
export function decode(token: string, options: DecodeOptions & { complete: true }): null | Jwt;
export function decode(token: string, options: DecodeOptions & { json: true }): null | JwtPayload;
export function decode(token: string, options?: DecodeOptions): null | JwtPayload | string;
export function decode(token: string, options?: DecodeOptions | null): null | Jwt | JwtPayload | string {
  const read = readToken(token, options?.json === true);
  if (read === null) return null;
  return options?.complete === true ? read : read.payload;
}

/** When a token expires, in seconds since 1970; undefined if it does not say, or is not a token. */
export function expiresAt(token: string): number | undefined {
  const { payload } = tryToRead(token) ?? {};
  const exp: unknown = typeof payload === "object" ? payload.exp : undefined;
  return typeof exp === "number" ? exp : undefined;
}

/** In how many seconds a token expires, negative if it has expired; undefined if it does not say, or is not a token. */
export function expiresIn(token: string, now: number = Date.now() / 1000): number | undefined {
  const exp = expiresAt(token);
  return exp === undefined ? undefined : exp - now;
}

/** Whether a token has expired. A token without `exp` has not; text that is not a token has. */
export function isExpired(token: string, now: number = Date.now() / 1000): boolean {
  // Text that is not a token counts as expired, so that no client goes on using it.
  if (tryToRead(token) === null) return true;
  return (expiresIn(token, now) ?? 1) <= 0;
}

/** Null also where the header promises JSON and the payload is not JSON: no server takes such a token. */
function tryToRead(token: string): Jwt | null {
  try {
    return readToken(token, false);
  } catch {
    return null;
  }
}

/** Reads a token, or gives null. Throws a `SyntaxError` where the header promises JSON and the payload is not JSON. */
export function readToken(token: unknown, json: boolean): Jwt | null {
  const text = asText(token);
  if (text === undefined || !COMPACT.test(text)) return null;
  const [first = "", second = "", signature = ""] = text.split(".");
  const header = parseHeader(decodeBase64(first));
  if (!header) return null;
  const bytes = utf8.decode(decodeBase64(second));
  // Only this exact spelling of `typ` promises JSON, as in npm jws.
  const parsed: unknown = header.typ === "JWT" || json ? parseJson(bytes) : bytes;
  return { header, payload: parsePayload(parsed) as JwtPayload | string, signature };
}

/** Parses, and throws the `SyntaxError` of `JSON.parse` with a code. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw withCode(error, "ERR_JWT_MALFORMED");
  }
}

/** Bytes are read as text. Of all other values, none has two dots when npm jws writes it as JSON. */
function asText(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  return isBytes(token) ? utf8.decode(token) : undefined;
}

/** Headers are UTF-8 (RFC 7515 §3). npm jsonwebtoken writes latin1, so bytes that are not UTF-8 are read as latin1. */
function parseHeader(bytes: Uint8Array): JwtHeader | undefined {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
  }
  try {
    return JSON.parse(text) as JwtHeader;
  } catch {
    return undefined;
  }
}

/** The object whose JSON the payload holds, even if the header does not say JWT; else the payload as it is. */
function parsePayload(payload: unknown): unknown {
  if (typeof payload !== "string") return payload;
  try {
    const parsed: unknown = JSON.parse(payload);
    return typeof parsed === "object" && parsed !== null ? parsed : payload;
  } catch {
    return payload;
  }
}
