/**
 * The fast path, for nearly every token: its header is known by its text, its signature is right, and it holds an
 * object.
 *
 * Undefined means "take the slow path", never "refused": only the slow path finds out what is wrong, in the order that
 * callers know from npm jsonwebtoken. False spares it a second judgement of the signature.
 */
import { decodeBase64 } from "../core/base64.js";
import { MAX_LENGTH } from "../core/buffers.js";
import { ALL_HMAC, defaultAlgorithms, hmacBits } from "./algorithms.js";
import type { Key } from "./key.js";
import type { KeyReader } from "./keys.js";
import { knownHeader } from "./known-headers.js";
import { isKey } from "./owned-keys.js";
import { isCanonical } from "./parse.js";
import { decodedText } from "./payload-text.js";
import type { JwtPayload, VerifyOptions } from "./types.js";

/** What every HMAC token with the default header begins with: `{"alg":"HS`, encoded. */
const HMAC_START = "eyJhbGciOiJIUz";

/** Whether a token begins like one by HMAC with the default header. */
export function isDefaultHmac(token: unknown): token is string {
  return typeof token === "string" && token.startsWith(HMAC_START);
}

/** The claims of a token that can go the fast way; false if the host has found its signature wrong. */
export function verifyFast(
  reader: KeyReader,
  token: unknown,
  key: unknown,
  options: VerifyOptions,
): JwtPayload | false | undefined {
  if (!isFast(token, key, options)) return undefined;
  return isDefaultHmac(token)
    ? verifyHmac(reader, token, key, options.algorithms)
    : verifyPair(reader, token, key, options);
}

/** The same for async callers and key pairs, by WebCrypto where that is faster. */
export async function verifyFastInTime(
  reader: KeyReader,
  token: unknown,
  key: unknown,
  options: VerifyOptions,
): Promise<JwtPayload | false | undefined> {
  // A promise of a key may have members that look like a key's. What it resolves with counts, on the slow path.
  const isPromise = typeof (key as { then?: unknown } | null)?.then === "function";
  const pair = !isPromise && isFast(token, key, options) ? readPair(reader, token, key, options) : undefined;
  const arithmetic = pair?.bound.arithmetic;
  if (pair === undefined || arithmetic === undefined) return undefined;
  const { bound, alg, signingInput, payload, signature } = pair;
  const lent = bound.crypto ?? arithmetic.lent(bound, alg);
  if (lent === undefined) return judged(pair);
  const crypto = await lent;
  // The slow path says why a CryptoKey may not verify this token.
  if (crypto === null || !crypto.usages.includes("verify") || !arithmetic.servedBy(crypto).includes(alg))
    return undefined;
  const bytes = decodeBase64(signature);
  // A key that was lent is one for the threads. A caller's own may be quicker without them.
  const atOnce = bound.crypto && arithmetic.judgedAtOnce(crypto, alg, bytes, signingInput);
  const isRight = atOnce ?? (await arithmetic.verifyByCrypto(crypto, alg, bytes, signingInput));
  return isRight && objectIn(decodedText(payload));
}

function isFast(token: unknown, key: unknown, options: VerifyOptions): token is string {
  if (options.complete === true || options.requiredTyp !== undefined) return false;
  if (typeof token !== "string" || !key || token.length > MAX_LENGTH || typeof key === "function") return false;
  // A string would be searched for substrings: "ES256K" holds "ES256". The slow path refuses it.
  return !options.algorithms || Array.isArray(options.algorithms);
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

/** A token whose header is known, and the key that may have signed it. */
interface Pair {
  readonly bound: Key;
  readonly alg: string;
  readonly signingInput: string;
  readonly payload: string;
  readonly signature: string;
}

function verifyPair(
  reader: KeyReader,
  token: string,
  key: unknown,
  options: VerifyOptions,
): JwtPayload | false | undefined {
  const pair = readPair(reader, token, key, options);
  return pair && judged(pair);
}

function readPair(reader: KeyReader, token: string, key: unknown, options: VerifyOptions): Pair | undefined {
  // A polyfilled Buffer may lack the decoder that `decodedText` uses.
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
  return { bound, alg, signingInput: token.slice(0, second), payload, signature };
}

/** The claims, if the host finds the signature right; false if it is wrong, undefined where the host cannot tell. */
function judged({ bound, alg, signingInput, payload, signature }: Pair): JwtPayload | false | undefined {
  const isRight = bound.arithmetic?.judgedByHost(bound, alg, signingInput, signature);
  return isRight && objectIn(decodedText(payload));
}

/** Whether a key may serve an algorithm: one that `algorithms` names, or one of the key's defaults. */
function mayServe(key: Key, alg: string, algorithms: readonly string[] | undefined): boolean {
  if (key.type !== "public" || alg.startsWith("HS")) return false;
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
