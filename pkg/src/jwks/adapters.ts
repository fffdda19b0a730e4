// Keys in the shapes that other libraries ask for them. All get PEM text, which every one of them takes.

import { keysError } from "./errors.js";
import type { KeyHeader, VerificationKey } from "./key-set.js";
import type { Keys } from "./local.js";
import { toPem } from "./pem.js";
import { type RemoteOptions, remoteKeys } from "./remote.js";

/** A callback as Node's libraries have it: an error, or null and the result. */
type Done<T> = (error: Error | null, result?: T) => void;

/** The key function of `verify` in npm jsonwebtoken. */
export function forJsonwebtoken(keys: Keys): (header: KeyHeader, done: Done<string>) => void {
  return (header, done) => deliver(keys(header).then(toPem), done);
}

/** The `secret` of express-jwt 7 and later. */
export function forExpressJwt(
  keys: Keys,
): (request: unknown, token: { readonly header: KeyHeader } | undefined) => Promise<string> {
  // express-jwt has only decoded the token. One that it cannot decode has no header, and no key fits that.
  return async (_request, token) => toPem(await keys(token?.header ?? {}));
}

/**
 * The `secretOrKeyProvider` of passport-jwt. It gets the token as text, so the header is read here, and believed only
 * as far as the choice of a key.
 */
export function forPassportJwt(keys: Keys): (request: unknown, token: string, done: Done<string>) => void {
  return (_request, token, done) => {
    const find = async () => toPem(await keys(headerOf(token)));
    deliver(find(), done);
  };
}

/** A key as jwks-rsa gives it, with the members that programs read. */
export interface SigningKey {
  readonly kid?: string;
  readonly alg?: string;
  readonly publicKey: string;
  /** The same text, under the name that it had in old versions. */
  readonly rsaPublicKey: string;
  getPublicKey(): string;
}

/** A client with jwks-rsa's two calls. */
export interface JwksClient {
  /**
   * The key of a name; without a name the only key there is. Rejects as jwks-rsa does, with a `SigningKeyNotFoundError`
   * for a name that no key has, and a `JwksError` while the issuer is down.
   */
  getSigningKey(kid?: string | null): Promise<SigningKey>;
  getSigningKey(kid: string | null | undefined, done: Done<SigningKey>): void;
  getSigningKeys(): Promise<SigningKey[]>;
}

/** Stands in for jwks-rsa's `jwksClient({ jwksUri })`. Its other options have no counterpart: see the docs. */
export function jwksClient({ jwksUri, ...options }: RemoteOptions & { readonly jwksUri: string }): JwksClient {
  const keys = remoteKeys(jwksUri, options);
  function getSigningKey(kid?: string | null): Promise<SigningKey>;
  function getSigningKey(kid: string | null | undefined, done: Done<SigningKey>): void;
  function getSigningKey(kid?: string | null, done?: Done<SigningKey>): Promise<SigningKey> | undefined {
    // jwks-rsa takes null for no name; `named` takes undefined alone.
    const found = renamed(keys.named(kid ?? undefined).then((key) => signingKey(key, kid ?? undefined)));
    if (!done) return found;
    deliver(found, done);
    return undefined;
  }
  return {
    getSigningKey,
    getSigningKeys: () => renamed(keys.set().then((set) => set.all().map(({ key, kid }) => signingKey(key, kid)))),
  };
}

/** The members of jwks-rsa's key. A certificate has no name of its own, so it gets that under which it was found. */
function signingKey(key: VerificationKey, name: string | undefined): SigningKey {
  const publicKey = toPem(key);
  const { kid = name, alg } = typeof key === "string" ? { kid: name, alg: undefined } : key;
  return {
    publicKey,
    rsaPublicKey: publicKey,
    getPublicKey: () => publicKey,
    ...(kid !== undefined && { kid }),
    ...(alg !== undefined && { alg }),
  };
}

/** Programs ask for jwks-rsa's errors by name. The code stays, for programs that ask for ours. */
async function renamed<T>(found: Promise<T>): Promise<T> {
  try {
    return await found;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ERR_KEY_NOT_FOUND") (error as Error).name = "SigningKeyNotFoundError";
    if (code === "ERR_KEYS_UNAVAILABLE")
      Object.assign(error as Error, { name: "JwksError", isEndpointUnavailable: true });
    throw error;
  }
}

/** The header of a token that nobody has verified yet. An `ERR_JWT_MALFORMED` if it is not one. */
function headerOf(token: string): KeyHeader {
  try {
    const [header = ""] = token.split(".", 1);
    return JSON.parse(atob(header.replace(/-/g, "+").replace(/_/g, "/"))) as KeyHeader;
  } catch (cause) {
    throw keysError("ERR_JWT_MALFORMED", "jwt malformed", cause);
  }
}

/** Both handlers go to one `then`, so that the callback never receives its own exception. */
function deliver<T>(found: Promise<T>, done: Done<T>): void {
  found.then(
    (key) => done(null, key),
    (error: Error) => done(error),
  );
}
