// The types that users of @types/jsonwebtoken rely on, and what is new here.

import type { JsonWebTokenError, NotBeforeError, TokenExpiredError } from "../core/errors.js";
import type { AlgorithmName } from "./algorithms.js";
import type { StandardSchema } from "./schema.js";

/** The algorithms of npm jsonwebtoken (RFC 7518 §3.1), and those of RFC 8037, 9864, 8812 and 9964. */
export type Algorithm = AlgorithmName | "none";

/** A WebCrypto `CryptoKey`, described by its members so that the types need no `lib` of browsers. */
export interface CryptoKeyLike {
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: { readonly name: string };
  readonly usages: readonly string[];
}

/** A Node `KeyObject`, described by the members that are used. */
export interface KeyObjectLike {
  readonly type: "secret" | "public" | "private";
  export(options?: unknown): unknown;
}

/** A JSON Web Key (RFC 7517 §4). */
export interface Jwk {
  kty: string;
  kid?: string;
  // The members of its `kty`.
  [member: string]: unknown;
}

/** A set of keys (RFC 7517 §5): the token's `kid` and `alg` choose. */
export interface Jwks {
  keys: Jwk[];
}

// biome-ignore lint/suspicious/noTsIgnore: where the types of Node are, there is no error to expect.
/** @ts-ignore: programs without the types of Node have no such module. The type is then an error that passes for `any`. */
type Imported = import("node:crypto").KeyObject;
/** Node's own class where its types are: code that narrows a `Secret` by `instanceof` has to be left with the rest. */
type NodeKeyObject = { of: 0 } extends { of: 1 & Imported } ? KeyObjectLike : Imported;
/** Node's own class where its types are, for code that narrows by `Buffer.isBuffer`. */
type NodeBuffer = typeof globalThis extends { Buffer: { isBuffer(value: any): value is infer B } } ? B : Uint8Array;

/**
 * A secret, or key material in text or bytes: the members that npm jsonwebtoken's types have, since programs narrow
 * them.
 */
export type Secret = string | NodeBuffer | NodeKeyObject | { key: string | NodeBuffer; passphrase: string };

/** The other forms of keys that are read beside a `Secret`. */
export type KeyMaterial =
  | ArrayBuffer
  | ArrayBufferView
  | KeyObjectLike
  | Jwk
  | Jwks
  | { key: string | Uint8Array; passphrase: string | Uint8Array; allowExpensivePassphrase?: boolean | undefined };

/**
 * Key material and its format, as Node's `createPublicKey` takes it. Only a JWK needs its format named.
 */
export interface KeyWithFormat {
  key: string | ArrayBuffer | ArrayBufferView | object;
  format?: "pem" | "der" | "jwk" | undefined;
  type?: "pkcs1" | "pkcs8" | "sec1" | "spki" | undefined;
  passphrase?: string | Uint8Array | undefined;
  /** Lets a key file take longer than a second or so to open: whoever wrote the file chose how long. Default false. */
  allowExpensivePassphrase?: boolean | undefined;
  encoding?: string | undefined;
}

/** What `verify` takes as a key. */
export type PublicKey = Secret | KeyMaterial | KeyWithFormat;
/** What `sign` takes as a key. */
export type PrivateKey = PublicKey;

/** The protected header (RFC 7515 §4.1). */
export interface JwtHeader {
  alg: string | Algorithm;
  typ?: string | undefined;
  cty?: string | undefined;
  crit?: Array<string | Exclude<keyof JwtHeader, "crit">> | undefined;
  kid?: string | undefined;
  jku?: string | undefined;
  x5u?: string | string[] | undefined;
  "x5t#S256"?: string | undefined;
  x5t?: string | undefined;
  x5c?: string | string[] | undefined;
}

/** The registered claims (RFC 7519 §4.1), and any other. Times are seconds since 1970. */
export interface JwtPayload {
  // The same `any` that users of @types/jsonwebtoken read their own claims as.
  [claim: string]: any;
  iss?: string | undefined;
  sub?: string | undefined;
  aud?: string | string[] | undefined;
  exp?: number | undefined;
  nbf?: number | undefined;
  iat?: number | undefined;
  jti?: string | undefined;
}

/** A whole token, decoded. */
export interface Jwt {
  header: JwtHeader;
  payload: JwtPayload | string;
  /** In base64url, as in the token. */
  signature: string;
}

/** How to sign. */
export interface SignOptions {
  /** Default HS256. */
  algorithm?: Algorithm | undefined;
  /** The `kid` of the header. */
  keyid?: string | undefined;
  /** Seconds from now, or a time span such as `"15m"`. A bare number in a string is milliseconds. */
  expiresIn?: string | number | undefined;
  /** Seconds from now, or a time span such as `"15m"`. A bare number in a string is milliseconds. */
  notBefore?: string | number | undefined;
  audience?: string | string[] | undefined;
  subject?: string | undefined;
  issuer?: string | undefined;
  jwtid?: string | undefined;
  /** Writes the claims into the payload object that was given. */
  mutatePayload?: boolean | undefined;
  /** Leaves `iat` out. */
  noTimestamp?: boolean | undefined;
  /** Header parameters, over those that the other options make; those of your own too. */
  header?: Partial<JwtHeader> | Record<string, unknown> | undefined;
  /** How the payload's text becomes bytes. Default UTF-8. */
  encoding?: string | undefined;
  allowInsecureKeySizes?: boolean | undefined;
  allowInvalidAsymmetricKeyTypes?: boolean | undefined;
}

/** What to expect of a token. */
export interface VerifyOptions {
  /** The algorithms that may have signed the token. Default: those that fit the key. */
  algorithms?: Algorithm[] | undefined;
  audience?: string | RegExp | [string | RegExp, ...(string | RegExp)[]] | undefined;
  /** The time to verify at, in seconds since 1970. Default: the current time. */
  clockTimestamp?: number | undefined;
  /** By how many seconds the clocks may differ. */
  clockTolerance?: number | undefined;
  /** Returns header, payload and signature. */
  complete?: boolean | undefined;
  issuer?: string | [string, ...string[]] | undefined;
  ignoreExpiration?: boolean | undefined;
  ignoreNotBefore?: boolean | undefined;
  jwtid?: string | undefined;
  /** How long ago `iat` may be: seconds, or a time span such as `"2h"`. */
  maxAge?: string | number | undefined;
  /** The `nonce` claim (OpenID Connect Core §3.1.3.7). */
  nonce?: string | undefined;
  subject?: string | undefined;
  allowInvalidAsymmetricKeyTypes?: boolean | undefined;
  /** The `typ` that the header must have, with or without `application/` (RFC 7515 §4.1.9). New here. */
  requiredTyp?: string | undefined;
  /** Claims that must be there, whatever their value. New here. */
  requiredClaims?: readonly string[] | undefined;
  /** Validates the payload, once all else holds, and gives it its type. New here. */
  schema?: StandardSchema | undefined;
}

/** How to decode. */
export interface DecodeOptions {
  /** Returns header, payload and signature. */
  complete?: boolean | undefined;
  /** Parses the payload also if the header's `typ` does not say JWT. */
  json?: boolean | undefined;
}

/** The errors that `verify` gives. */
export type VerifyErrors = JsonWebTokenError | NotBeforeError | TokenExpiredError;

/** Receives what `verify` returns or throws. */
export type VerifyCallback<T = Jwt | JwtPayload | string> = (
  error: VerifyErrors | null,
  decoded?: T | undefined,
) => void;

/** Receives what `sign` returns or throws. */
export type SignCallback = (error: Error | null, encoded?: string | undefined) => void;

/** What a key function calls with the key it found. */
export type SigningKeyCallback = (error: Error | null, signingKey?: Secret | PublicKey | undefined) => void;

/** Finds the key of a header. */
export type GetPublicKeyOrSecret = (header: JwtHeader, callback: SigningKeyCallback) => void;
