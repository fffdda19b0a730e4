// Proofs of possession in a browser (RFC 9449), with a key that never leaves it.

import { encodeBase64url } from "../core/base64.js";
import type { ProofSender } from "./bearer-session.js";

const KEY: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE: EcdsaParams = { name: "ECDSA", hash: "SHA-256" };
const STORE = "keys";

/** The key that a session is bound to: sends requests and makes proofs. */
export interface DpopKey extends ProofSender {
  /** The RFC 7638 thumbprint of the public key: the `jkt` of the session. */
  readonly thumbprint: string;
  /** A proof for one request of another HTTP client. Pass the `accessToken` if the request carries one. */
  proof(method: string, url: string, accessToken?: string): Promise<string>;
  /** Stores a nonce that a server asked for. True if the request is worth another try. */
  takeNonce(url: string, response: Response): boolean;
}

/**
 * This browser's key for key-bound sessions: created at the first call, non-extractable, and stored in IndexedDB under
 * `name`. If storage is blocked, the key lives as long as the page.
 */
export async function dpopKey(name = "tandem-jwt dpop"): Promise<DpopKey> {
  const pair = await keyPair(name);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = { crv, kty, x, y };
  const thumbprint = encodeBase64url(await sha256(JSON.stringify(jwk)));
  const nonces = new Map<string, string>();
  const key: DpopKey = {
    thumbprint,
    async send(request, accessToken, through = fetch) {
      const { headers, method, url } = request;
      if (accessToken !== undefined) headers.set("authorization", `DPoP ${accessToken}`);
      // A body can be sent only once, so the first of two tries sends a clone (RFC 9449 §8, §9).
      for (let asked = request.clone(); ; asked = request) {
        asked.headers.set("dpop", await key.proof(method, url, accessToken));
        const response = await through(asked);
        if (asked === request || !key.takeNonce(url, response)) return response;
        await response.body?.cancel();
      }
    },
    async proof(method, url, accessToken) {
      const { origin, pathname } = new URL(url);
      const payload = {
        jti: encodeBase64url(crypto.getRandomValues(new Uint8Array(16))),
        htm: method,
        htu: origin + pathname,
        iat: Math.floor(Date.now() / 1000),
        nonce: nonces.get(origin),
        ath: accessToken === undefined ? undefined : encodeBase64url(await sha256(accessToken)),
      };
      const input = `${encodeJson({ alg: "ES256", typ: "dpop+jwt", jwk })}.${encodeJson(payload)}`;
      const signature = await crypto.subtle.sign(SIGNATURE, pair.privateKey, new TextEncoder().encode(input));
      return `${input}.${encodeBase64url(new Uint8Array(signature))}`;
    },
    takeNonce(url, response) {
      const nonce = response.headers.get("dpop-nonce");
      if (nonce === null) return false;
      const { origin } = new URL(url);
      const isNew = nonces.get(origin) !== nonce;
      nonces.set(origin, nonce);
      // Any response may carry the nonce for the next request; only a refusal asks for another try (RFC 9449 §8.2).
      return isNew && (response.status === 400 || response.status === 401);
    },
  };
  return key;
}

async function keyPair(name: string): Promise<CryptoKeyPair> {
  const make = (): Promise<CryptoKeyPair> =>
    crypto.subtle.generateKey(KEY, false, ["sign", "verify"]) as Promise<CryptoKeyPair>;
  let database: IDBDatabase;
  try {
    database = await done(openDatabase(name));
  } catch {
    return make();
  }
  try {
    const kept: unknown = await done(database.transaction(STORE).objectStore(STORE).get("pair"));
    if (kept !== undefined) return kept as CryptoKeyPair;
    const pair = await make();
    // Two tabs may both have found no key: the first one to write wins.
    const store = database.transaction(STORE, "readwrite").objectStore(STORE);
    const first = (await done(store.get("pair"))) as CryptoKeyPair | undefined;
    if (first !== undefined) return first;
    await done(store.put(pair, "pair"));
    return pair;
  } finally {
    database.close();
  }
}

function openDatabase(name: string): IDBOpenDBRequest {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return request;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function encodeJson(value: object): string {
  return encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
