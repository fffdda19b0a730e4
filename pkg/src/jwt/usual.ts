/**
 * The ways that nearly every token goes: a header that is known by its text, a right signature, an object inside.
 *
 * Undefined means "not this way", never "refused": the other way finds out what is wrong, in the order that callers know.
 */
import { MAX_LENGTH } from "../core/buffers.js";
import { ALL_HMAC, hmacBits, usualAlgorithms } from "./algorithms.js";
import type { Key } from "./key.js";
import type { KeyReader } from "./keys.js";
import { knownHeader } from "./known-headers.js";
import { isKey } from "./owned-keys.js";
import { isCanonical } from "./parse.js";
import type { JwtPayload, VerifyOptions } from "./types.js";

/** What every usual HMAC token begins with: `{"alg":"HS`, encoded. */
const HMAC_START = "eyJhbGciOiJIUz";

/** Whether a token begins as one by HMAC does. */
export function isUsualHmac(token: unknown): token is string {
  return typeof token === "string" && token.startsWith(HMAC_START);
}

/** The claims of a token that goes the usual way. */
export function verifyUsual(
  reader: KeyReader,
  token: unknown,
  key: unknown,
  options: VerifyOptions,
): JwtPayload | undefined {
  if (typeof token !== "string" || !key || token.length > MAX_LENGTH || typeof key === "function") return undefined;
  const { algorithms } = options;
  if (algorithms && !Array.isArray(algorithms)) return undefined;
  return isUsualHmac(token) ? verifyHmac(reader, token, key, algorithms) : verifyPair(reader, token, key, options);
}

/** For a key that is no set, no header has to choose. */
const UNSET = { kid: undefined, algorithm: -1, isNamed: false };

function verifyHmac(
  reader: KeyReader,
  token: string,
  key: unknown,
  algorithms: readonly string[] | undefined,
): JwtPayload | undefined {
  const allowed = algorithms ? hmacBits(algorithms) : ALL_HMAC;
  const bound = allowed === 0 ? undefined : reader.keyOf(key, "verify", UNSET);
  if (!bound || !isKey(bound) || bound.number < 0 || bound.type !== "secret") return undefined;
  const { home } = bound;
  let text: string;
  try {
    const { buffers } = home;
    const length = buffers.writeAscii(token);
    const payload = length < 0 ? -1 : home.exports().hmac_verify(bound.number, allowed, length);
    if (payload < 0) {
      buffers.release();
      return undefined;
    }
    text = buffers.readText(payload);
  } catch (error) {
    home.isDoubted = true;
    throw home.recover(error);
  }
  return objectIn(text);
}

/** A payload is checked for its alphabet, because the host's decoder passes over what is none of it. */
const BASE64URL = /^[\w-]+$/;

function verifyPair(reader: KeyReader, token: string, key: unknown, options: VerifyOptions): JwtPayload | undefined {
  if (typeof Buffer === "undefined") return undefined;
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  const header = knownHeader(token.slice(0, first));
  if (header === undefined || second < 0) return undefined;
  const { alg, kid, algorithm } = header;
  const { algorithms } = options;
  if (algorithms && !algorithms.includes(alg as never)) return undefined;
  const payload = token.slice(first + 1, second);
  const signature = token.slice(second + 1);
  if (!BASE64URL.test(payload) || !BASE64URL.test(signature)) return undefined;
  if (!isCanonical(payload) || !isCanonical(signature)) return undefined;
  const bound = reader.keyOf(key, "verify", { kid, algorithm, isNamed: Boolean(algorithms) });
  if (!isKey(bound) || !isDefault(bound, alg, algorithms)) return undefined;
  if (bound.arithmetic?.judgedByHost(bound, alg, token.slice(0, second), signature) !== true) return undefined;
  const bytes = Buffer.from(payload, "base64");
  return objectIn(bytes.utf8Slice(0, bytes.length));
}

/** Whether a key serves an algorithm that the caller has not named. */
function isDefault(key: Key, alg: string, algorithms: readonly string[] | undefined): boolean {
  if (key.type !== "public") return false;
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  return (
    Boolean(algorithms) || usualAlgorithms(key.type, asymmetricKeyType, asymmetricKeyDetails?.namedCurve).includes(alg)
  );
}

function objectIn(text: string): JwtPayload | undefined {
  try {
    const claims: unknown = JSON.parse(text);
    return typeof claims === "object" && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
