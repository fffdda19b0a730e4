/**
 * Cookies that only the edge can read, so that a browser's disk holds no usable token: AES-256-GCM under keys derived
 * from the refresh keys. The first key seals and all of them open, as with the tokens themselves.
 */
import { decodeBase64, encodeBase64url } from "../core/base64.js";
import { isBytes } from "../core/kinds.js";
import { decode } from "../jwt/decode.js";
import type { AccessKeyInput, SessionOptions } from "../session/index.js";

/** Seals the value of a cookie so that only the same cookie of the same site opens it. */
export interface Seal {
  close(name: string, token: string): Promise<string>;
  /** Null for a value that was not sealed here, or that was sealed under another cookie name. */
  open(name: string, value: string): Promise<string | null>;
  /** The outside of a cookie whose sealing key this server lacks; null for any other cookie. */
  outside(value: string): Promise<Outside | null>;
}

/** The key and expiry of a token, unverified: used only to tell "not yet" from "never again". */
export interface Outside {
  readonly kid: string;
  readonly exp: number;
  /** Whether the key is retired. */
  readonly retired: boolean;
}

/** For an edge whose cookies hold plain tokens. */
export const UNSEALED: Seal = {
  close: async (_, token) => token,
  open: async (_, value) => value,
  outside: async () => null,
};

/** @throws TypeError if there is no secret to derive a key from. */
export function sealOf({ access, refresh, retired = [] }: SessionOptions["keys"], origin: string): Seal {
  // `access` is used if refresh keys are derived from it too.
  const secrets = [refresh ?? access].flat().map(secretOf);
  let keys: Promise<readonly SealKey[]> | undefined;
  const derived = (): Promise<readonly SealKey[]> => {
    // Derived at the first cookie: WebCrypto is asynchronous, and `sealOf` is not.
    keys ??= Promise.all(secrets.map(derive));
    return keys;
  };
  /** Authenticated data, so that a cookie opens only under its own name, on its own site, and with its own outside. */
  const bound = (name: string, outside: string): Uint8Array<ArrayBuffer> =>
    new TextEncoder().encode(`${origin} ${name}${outside}`);
  /** Matches the name as it was given, or the `kid` of its tokens, which adds a fingerprint. */
  const isRetired = (kid: string): boolean =>
    retired.some((name) => name === kid || (kid.lastIndexOf(".") === name.length && kid.startsWith(name)));
  return {
    async close(name, token) {
      const { key, id } = (await derived())[0] as SealKey;
      // Random, because servers share no counter. GCM allows 2^32 random nonces per key (NIST SP 800-38D §8.3).
      const iv = crypto.getRandomValues(new Uint8Array(IV));
      const outside = outsideOf(token, id);
      const algorithm = { name: "AES-GCM", iv, additionalData: bound(name, outside) };
      const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, new TextEncoder().encode(token)));
      return encodeBase64url(iv) + encodeBase64url(sealed) + outside;
    },
    async open(name, value) {
      // A plain token, from before cookies were sealed here: its signature still protects it. Sealed values contain no
      // dots.
      if (value.includes(".")) return value;
      const [, sealed = "", outside = ""] = /^([\w-]+)(~.*)?$/.exec(value) ?? [];
      const bytes = decodeBase64(sealed);
      // Only the canonical encoding, or a tampered cookie would pass for an intact one.
      if (bytes.length <= IV + TAG || encodeBase64url(bytes) !== sealed) return null;
      const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, IV), additionalData: bound(name, outside) };
      // The keys are tried in turn: after a key change, cookies sealed under the previous key still open.
      for (const { key } of await derived()) {
        try {
          const opened = await crypto.subtle.decrypt(algorithm, key, bytes.subarray(IV));
          return new TextDecoder().decode(opened);
        } catch {
          // Sealed under another key, or not sealed by us.
        }
      }
      return null;
    },
    async outside(value) {
      const [, end, name = "", by] = /~(\d{1,15})~([\w-]{1,100})~([\w-]{8})$/.exec(value) ?? [];
      // The cookie names a key that we have, yet that key did not open it: it is of another site, or tampered with.
      if (end === undefined || (await derived()).some(({ id }) => id === by)) return null;
      const kid = new TextDecoder().decode(decodeBase64(name));
      return { kid, exp: Number(end), retired: isRetired(kid) };
    },
  };
}

/**
 * The key and the expiry of a refresh token, readable without opening the cookie: a key that has not arrived yet must
 * not sign its holder out, and a retired one must. Other tokens have no outside.
 */
function outsideOf(token: string, sealedBy: string): string {
  const { header, payload } = decode(token, { complete: true, json: true }) ?? {};
  if (header?.typ !== "rt+jwt") return "";
  return `~${Object(payload).exp}~${encodeBase64url(new TextEncoder().encode(header.kid))}~${sealedBy}`;
}

function secretOf(key: AccessKeyInput): Uint8Array<ArrayBuffer> {
  const secret: unknown = typeof key === "object" && !isBytes(key) && "secret" in key ? key.secret : key;
  if (typeof secret === "string") return new TextEncoder().encode(secret);
  if (isBytes(secret)) return secret;
  throw new TypeError("edgeAuth: seal needs secrets in keys.refresh");
}

interface SealKey {
  readonly key: CryptoKey;
  /** Its eight-character identifier. */
  readonly id: string;
}

async function derive(secret: Uint8Array<ArrayBuffer>): Promise<SealKey> {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey", "deriveBits"]);
  // Different `info` values derive independent keys from one secret (RFC 5869 §3.2), also independent of the token
  // keys.
  const hkdf = (purpose: string) => {
    const info = new TextEncoder().encode(`tandem-jwt ${purpose} of the edge`);
    // An all-zero salt is the default of HKDF (RFC 5869 §2.2).
    return { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info };
  };
  const aes = { name: "AES-GCM", length: 256 };
  const [key, id] = await Promise.all([
    crypto.subtle.deriveKey(hkdf("cookies"), material, aes, false, ["encrypt", "decrypt"]),
    crypto.subtle.deriveBits(hkdf("names of cookie keys"), material, 48),
  ]);
  return { key, id: encodeBase64url(new Uint8Array(id)) };
}

/** AES-GCM lengths, in bytes. A 12-byte nonce is 16 base64 characters without padding. */
const IV = 12;
const TAG = 16;
