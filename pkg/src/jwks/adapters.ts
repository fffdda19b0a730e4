// Keys in the shapes that other libraries ask for them. All get PEM text, which every one of them takes.

import { keysError } from "./errors.js";
import type { KeyHeader } from "./key-set.js";
import type { Keys } from "./local.js";
import { toPem } from "./pem.js";
import { type RemoteOptions, remoteKeys } from "./remote.js";

type Done<T> = (error: Error | null, result?: T) => void;

/** The key function of `verify` in npm jsonwebtoken. */
export function forJsonwebtoken(keys: Keys): (header: KeyHeader, done: Done<string>) => void {
  return (header, done) => deliver(keys(header).then(toPem), done);
}

/** The `secret` of express-jwt 7 and later. */
export function forExpressJwt(
  keys: Keys,
): (request: unknown, token: { readonly header: KeyHeader } | undefined) => Promise<string> {
  return async (_request, token) => toPem(await keys(token?.header ?? {}));
}

/** The `secretOrKeyProvider` of passport-jwt. */
export function forPassportJwt(keys: Keys): (request: unknown, token: string, done: Done<string>) => void {
  return (_request, token, done) => {
    const find = async () => toPem(await keys(headerOf(token)));
    deliver(find(), done);
  };
}

/** A key as jwks-rsa gives it. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string | undefined;
  readonly publicKey: string;
  getPublicKey(): string;
}

/** A client with jwks-rsa's two calls. */
export interface JwksClient {
  getSigningKey(kid: string): Promise<SigningKey>;
  getSigningKey(kid: string, done: Done<SigningKey>): void;
  /** Rejects with `ERR_KEY_NOT_FOUND` for a name that no key has. */
  getSigningKeys(): Promise<SigningKey[]>;
}

/** Stands in for jwks-rsa's `jwksClient({ jwksUri })`. Its other options have no counterpart: see the docs. */
export function jwksClient({ jwksUri, ...options }: RemoteOptions & { readonly jwksUri: string }): JwksClient {
  const keys = remoteKeys(jwksUri, options);
  const find = async (kid: string): Promise<SigningKey> => {
    const key = await keys.named(kid);
    const publicKey = toPem(key);
    return { kid, alg: typeof key === "string" ? undefined : key.alg, publicKey, getPublicKey: () => publicKey };
  };
  function getSigningKey(kid: string): Promise<SigningKey>;
  function getSigningKey(kid: string, done: Done<SigningKey>): void;
  function getSigningKey(kid: string, done?: Done<SigningKey>): Promise<SigningKey> | undefined {
    const found = find(kid);
    if (!done) return found;
    deliver(found, done);
    return undefined;
  }
  return {
    getSigningKey,
    async getSigningKeys() {
      return Promise.all((await keys.set()).names().map(find));
    },
  };
}

function headerOf(token: string): KeyHeader {
  try {
    const [header = ""] = token.split(".", 1);
    return JSON.parse(atob(header.replace(/-/g, "+").replace(/_/g, "/"))) as KeyHeader;
  } catch (cause) {
    throw keysError("ERR_JWT_MALFORMED", "jwt malformed", cause);
  }
}

/** What the callback throws is not for the callback. */
function deliver<T>(found: Promise<T>, done: Done<T>): void {
  found.then(
    (key) => done(null, key),
    (error: Error) => done(error),
  );
}
