/**
 * Cookies that nobody reads but the edge: AES-256-GCM under keys that are derived from the refresh keys, so that what a
 * browser keeps on its disk is no token. The first key seals and all of them open, as with the tokens themselves.
 */
import { isBytes } from "../core/kinds.js";
import type { AccessKeyInput, SessionOptions } from "../session/index.js";

/** Turns the value of a cookie into something that only the same cookie of the same site can be turned back from. */
export interface Seal {
  close(name: string, token: string): Promise<string>;
  /** Null for what was not sealed here, or under another name. */
  open(name: string, value: string): Promise<string | null>;
}

/** Where cookies hold the tokens as they are. */
export const UNSEALED: Seal = {
  close: async (_, token) => token,
  open: async (_, value) => value,
};

/** @throws TypeError where there is no secret to derive a key from. */
export function sealOf({ access, refresh }: SessionOptions["keys"], origin: string): Seal {
  const secrets = [refresh ?? access].flat().map(secretOf);
  let keys: Promise<CryptoKey[]> | undefined;
  const derived = (): Promise<CryptoKey[]> => {
    keys ??= Promise.all(secrets.map(derive));
    return keys;
  };
  const bound = (name: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`${origin} ${name}`);
  return {
    async close(name, token) {
      const [key] = await derived();
      const iv = crypto.getRandomValues(new Uint8Array(IV));
      const algorithm = { name: "AES-GCM", iv, additionalData: bound(name) };
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt(algorithm, key as CryptoKey, new TextEncoder().encode(token)),
      );
      return toBase64url(iv) + toBase64url(sealed);
    },
    async open(name, value) {
      // A token as it is, from before cookies were sealed here: its signature counts as much. Sealed ones have no dots.
      if (value.includes(".")) return value;
      const bytes = fromBase64url(value);
      if (bytes === null || bytes.length <= IV + TAG) return null;
      const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, IV), additionalData: bound(name) };
      for (const key of await derived()) {
        try {
          const opened = await crypto.subtle.decrypt(algorithm, key, bytes.subarray(IV));
          return new TextDecoder().decode(opened);
        } catch {
          // Sealed by another key, or by nobody.
        }
      }
      return null;
    },
  };
}

function secretOf(key: AccessKeyInput): Uint8Array<ArrayBuffer> {
  const secret: unknown = typeof key === "object" && !isBytes(key) && "secret" in key ? key.secret : key;
  if (typeof secret === "string") return new TextEncoder().encode(secret);
  if (isBytes(secret)) return secret;
  throw new TypeError("edgeAuth: seal needs keys.refresh, which are secrets");
}

async function derive(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode("tandem-jwt cookies of the edge");
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info };
  return crypto.subtle.deriveKey(hkdf, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** Of AES-GCM, in bytes. Twelve are sixteen characters of base64 with nothing left over. */
const IV = 12;
const TAG = 16;

function toBase64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
