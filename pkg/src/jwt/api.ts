// The types of the functions, generic over the keys that they take; the drop-in's keys are the defaults. They stand
// apart from the implementations, so that the types of the package need no `lib` of browsers.

import type { SchemaOutput, StandardSchema } from "./schema.js";
import type {
  CryptoKeyLike,
  GetPublicKeyOrSecret,
  Jwt,
  JwtHeader,
  JwtPayload,
  PrivateKey,
  PublicKey,
  Secret,
  SignCallback,
  SignOptions,
  VerifyCallback,
  VerifyOptions,
} from "./types.js";

/** What can be signed. */
export type Payload = string | Uint8Array | object;

/**
 * Signs a payload and returns the token (RFC 7519 §7.1).
 *
 * An object gets `iat`, and the claims that the options ask for; times are seconds. With a callback, a success
 * arrives on a later tick and a failure at once. Throws an `Error` with a `code` for options, payloads and keys that
 * do not fit.
 */
export interface Sign<Private = Secret | PrivateKey> {
  (payload: Payload, key: Private, options?: SignOptions): string;
  (payload: Payload, key: Private, callback: SignCallback): void;
  (payload: Payload, key: Private, options: SignOptions, callback: SignCallback): void;
  // An unsecured token (RFC 7519 §6) has no key, and is made only where its algorithm is asked for by name.
  (payload: Payload, key: null, options?: SignOptions & { algorithm: "none" }): string;
  (payload: Payload, key: null, options: SignOptions & { algorithm: "none" }, callback: SignCallback): void;
}

/**
 * Signs as `sign` does, and returns a promise of the token.
 *
 * The key may also be a `CryptoKey`, extractable or not, a promise of a key, or a function that returns one or the
 * other.
 */
export type SignAsync<Private = AsyncKey> = (
  payload: Payload,
  key: Private | null,
  options?: SignOptions,
) => Promise<string>;

/** What `signAsync` takes as a key beside what `sign` takes. */
export type AsyncKey =
  | Secret
  | PrivateKey
  | CryptoKeyLike
  | Promise<Secret | PrivateKey | CryptoKeyLike>
  | (() => AsyncKey | Promise<AsyncKey>);

/**
 * A function that signs with one key and these options: for many tokens. The options are checked now; bytes of a key
 * are copied now, so that overwriting them later changes nothing.
 */
export type CreateSigner<Private = Secret | PrivateKey> = (
  key: Private,
  options?: SignOptions,
) => (payload: Payload) => string;

/** What a verified token gives. */
export type Verified = Jwt | JwtPayload | string;

/**
 * Verifies a token and returns its payload, or with `complete` the whole token (RFC 7519 §7.2).
 *
 * Throws a `JsonWebTokenError` for a token that is refused, `TokenExpiredError` and `NotBeforeError` for one that is
 * not valid at this time. With a callback it gets the same error or result; the key may then be a function that finds
 * it.
 */
// TypeScript takes the first overload that fits, so the narrower options come first: a schema, then `complete`.
export interface Verify<Public = Secret | PublicKey> {
  <Schema extends StandardSchema>(
    token: string,
    key: Public,
    options: VerifyOptions & { schema: Schema; complete: true },
  ): Omit<Jwt, "payload"> & { payload: SchemaOutput<Schema> };
  <Schema extends StandardSchema>(
    token: string,
    key: Public,
    options: VerifyOptions & { schema: Schema; complete?: false },
  ): SchemaOutput<Schema>;
  (token: string, key: Public, options: VerifyOptions & { complete: true }): Jwt;
  (token: string, key: Public, options?: VerifyOptions & { complete?: false }): JwtPayload | string;
  (token: string, key: Public, options?: VerifyOptions): Verified;
  (token: string, key: Public | GetPublicKeyOrSecret, callback?: VerifyCallback<JwtPayload | string>): void;
  (
    token: string,
    key: Public | GetPublicKeyOrSecret,
    options: VerifyOptions & { complete: true },
    callback?: VerifyCallback<Jwt>,
  ): void;
  (
    token: string,
    key: Public | GetPublicKeyOrSecret,
    options?: VerifyOptions & { complete?: false },
    callback?: VerifyCallback<JwtPayload | string>,
  ): void;
  (token: string, key: Public | GetPublicKeyOrSecret, options?: VerifyOptions, callback?: VerifyCallback): void;
  // For `verify<Claims>(…)`: a type argument other than a schema fits this overload alone. Nothing checks the cast.
  <Claims extends object>(
    token: string,
    key: Public,
    options?: VerifyOptions & { complete?: false },
  ): JwtPayload & Claims;
}

/**
 * Verifies as `verify` does, and returns a promise of what it returns.
 *
 * The key may also be a `CryptoKey`, a promise of a key, or a function that gets the header and returns one or the
 * other.
 */
// In the order of `Verify`, for the same reason.
export interface VerifyAsync<Public = AsyncVerifyKey> {
  <Schema extends StandardSchema>(
    token: string,
    key: Public,
    options: VerifyOptions & { schema: Schema; complete: true },
  ): Promise<Omit<Jwt, "payload"> & { payload: SchemaOutput<Schema> }>;
  <Schema extends StandardSchema>(
    token: string,
    key: Public,
    options: VerifyOptions & { schema: Schema; complete?: false },
  ): Promise<SchemaOutput<Schema>>;
  (token: string, key: Public, options: VerifyOptions & { complete: true }): Promise<Jwt>;
  (token: string, key: Public, options?: VerifyOptions & { complete?: false }): Promise<JwtPayload | string>;
  (token: string, key: Public, options?: VerifyOptions): Promise<Verified>;
  <Claims extends object>(
    token: string,
    key: Public,
    options?: VerifyOptions & { complete?: false },
  ): Promise<JwtPayload & Claims>;
}

/** What `verifyAsync` takes as a key. */
export type AsyncVerifyKey =
  | Secret
  | PublicKey
  | CryptoKeyLike
  | Promise<Secret | PublicKey | CryptoKeyLike>
  | ((header: JwtHeader) => Secret | PublicKey | CryptoKeyLike | Promise<Secret | PublicKey | CryptoKeyLike>);

/** How a prepared verifier verifies. */
export interface VerifierOptions extends VerifyOptions {
  /**
   * How many tokens to remember whose signature was right, so that the next time only their claims are checked. At most
   * a million; default 0. Expiry and all other claims count each time.
   */
  cache?: number | undefined;
}

/** A function that verifies with one key and these options: for many tokens. Bytes of a key are copied now. */
export interface CreateVerifier<Public = Secret | PublicKey> {
  <Schema extends StandardSchema>(
    key: Public,
    options: VerifierOptions & { schema: Schema; complete?: false },
  ): (token: string) => SchemaOutput<Schema>;
  (key: Public, options: VerifierOptions & { complete: true }): (token: string) => Jwt;
  (key: Public, options?: VerifierOptions & { complete?: false }): (token: string) => JwtPayload | string;
  (key: Public, options?: VerifierOptions): (token: string) => Verified;
}

/** The RFC 7638 thumbprint of a key, by SHA-256, in base64url. Of a private key it is that of its public half. */
export type Thumbprint = (key: Secret | PublicKey) => string;
