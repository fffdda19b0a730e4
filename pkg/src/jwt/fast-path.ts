/**
 * The fast path, for nearly every token: its header is known by its text, its signature is right, and it holds an
 * object.
 *
 * Undefined means "take the slow path", never "refused": only the slow path finds out what is wrong, in the order that
 * callers know from npm jsonwebtoken.
 */
import { MAX_LENGTH } from "../core/buffers.js";
import { ALL_HMAC, defaultAlgorithms, hmacBits } from "./algorithms.js";
import type { Key } from "./key.js";
import type { KeyReader } from "./keys.js";
import { knownHeader } from "./known-headers.js";
import { isKey } from "./owned-keys.js";
import { isCanonical } from "./parse.js";
import type { JwtPayload, VerifyOptions } from "./types.js";

/** What every HMAC token with the default header begins with: `{"alg":"HS`, encoded. */
const HMAC_START = "eyJhbGciOiJIUz";

/** Whether a token begins like one by HMAC with the default header. */
export function isDefaultHmac(token: unknown): token is string {
  return typeof token === "string" && token.startsWith(HMAC_START);
}

/** The claims of a token that can go the fast way. */
export function verifyFast(
  reader: KeyReader,
  token: unknown,
  key: unknown,
  options: VerifyOptions,
): JwtPayload | undefined {
  if (typeof token !== "string" || !key || token.length > MAX_LENGTH || typeof key === "function") return undefined;
  const { algorithms } = options;
  // A string would be searched for substrings: "ES256K" holds "ES256". The slow path refuses it.
  if (algorithms && !Array.isArray(algorithms)) return undefined;
  return isDefaultHmac(token) ? verifyHmac(reader, token, key, algorithms) : verifyPair(reader, token, key, options);
}

/** The header chooses nothing here: a set of keys takes the slow path. */
const UNSET = { kid: undefined, algorithm: -1, isNamed: false };

function verifyHmac(
  reader: KeyReader,
  token: string,
  key: unknown,
  algorithms: readonly string[] | undefined,
): JwtPayload | undefined {
  // The wasm takes the header only if it is the default one of an algorithm in this set (RFC 8725 §3.1).
  const allowed = algorithms ? hmacBits(algorithms) : ALL_HMAC;
  const bound = allowed === 0 ? undefined : reader.keyOf(key, "verify", UNSET);
  if (!bound || !isKey(bound) || bound.handle < 0 || bound.type !== "secret") return undefined;
  const { home } = bound;
  let text: string;
  try {
    const { buffers } = home;
    const length = buffers.writeAscii(token);
    const payload = length < 0 ? -1 : home.exports().hmac_verify(bound.handle, allowed, length);
    if (payload < 0) {
      // The buffers go back at once, since the slow path writes the token again.
      buffers.release();
      return undefined;
    }
    text = buffers.readText(payload);
  } catch (error) {
    // A trap or an overflow of the stack may have left half-written state, so the next call gets a new instance.
    home.isDoubted = true;
    throw home.recover(error);
  }
  return objectIn(text);
}

/** The payload's alphabet is checked here, because the host's decoder skips other characters. */
const BASE64URL = /^[\w-]+$/;

function verifyPair(reader: KeyReader, token: string, key: unknown, options: VerifyOptions): JwtPayload | undefined {
  // A polyfilled Buffer may lack the decoder that is used below.
  if (typeof Buffer === "undefined" || Buffer.prototype?.utf8Slice === undefined) return undefined;
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  // Only headers of tokens that verified before are known, so no header that a stranger made up gets this far.
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
  if (!isKey(bound) || !mayServe(bound, alg, algorithms)) return undefined;
  // A signature that is wrong, or that the host cannot judge, is judged again on the slow path, which names the error.
  if (bound.arithmetic?.judgedByHost(bound, alg, token.slice(0, second), signature) !== true) return undefined;
  const bytes = Buffer.from(payload, "base64");
  // `utf8Slice` costs less than a TextDecoder and keeps a BOM, which `JSON.parse` then refuses.
  return objectIn(bytes.utf8Slice(0, bytes.length));
}

/** Whether a key may serve an algorithm: one that `algorithms` names, or one of the key's defaults. */
function mayServe(key: Key, alg: string, algorithms: readonly string[] | undefined): boolean {
  if (key.type !== "public") return false;
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  return (
    Boolean(algorithms) ||
    defaultAlgorithms(key.type, asymmetricKeyType, asymmetricKeyDetails?.namedCurve).includes(alg)
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
