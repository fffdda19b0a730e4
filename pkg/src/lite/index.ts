// For programs that use only secrets: the drop-in functions and the sessions over the smaller wasm. Nothing here may
// import the wasm for keys, directly or indirectly, because bundlers would include its 800 KB. So code that reads key
// pairs is passed in as a value, and here none is.

import { makeInit } from "../core/init.js";
import type { Init } from "../core/wasm-source.js";
import type { CreateSigner, CreateVerifier, Sign, SignAsync, Verify, VerifyAsync } from "../jwt/api.js";
import { KeyReader } from "../jwt/keys.js";
import { makeCreateSigner, makeSign, makeSignAsync } from "../jwt/sign.js";
import type { JwtHeader, KeyObjectLike } from "../jwt/types.js";
import { makeCreateVerifier } from "../jwt/verifier.js";
import { makeVerify, makeVerifyAsync } from "../jwt/verify.js";
import { type CreateSessions, makeCreateSessions } from "../session/create.js";

export type { ErrorCode, TandemError } from "../core/errors.js";
export { JsonWebTokenError, NotBeforeError, TokenExpiredError } from "../core/errors.js";
export type { Init, WasmSource, WasmSources } from "../core/wasm-source.js";
export type {
  CreateSigner,
  CreateVerifier,
  Sign,
  SignAsync,
  VerifierOptions,
  Verify,
  VerifyAsync,
} from "../jwt/api.js";
export { decode } from "../jwt/decode.js";
export type { SchemaError, SchemaIssue, SchemaOutput, SchemaResult, StandardSchema } from "../jwt/schema.js";
export type {
  DecodeOptions,
  GetPublicKeyOrSecret,
  Jwt,
  JwtHeader,
  JwtPayload,
  KeyObjectLike,
  SignCallback,
  SigningKeyCallback,
  SignOptions,
  VerifyCallback,
  VerifyErrors,
  VerifyOptions,
} from "../jwt/types.js";
export { ACCESS_TOKEN } from "../jwt/verify-options.js";
export * from "../session/api.js";
export { type MemoryStoreOptions, memoryStore } from "../stores/memory.js";

/** A secret: text, bytes, or a Node `KeyObject` that holds one. Key pairs and JWKs need `tandem-jwt`. */
export type SecretKey = string | ArrayBuffer | ArrayBufferView | KeyObjectLike;

/** The keys that `signAsync` takes. */
export type AsyncSecretKey = SecretKey | Promise<SecretKey> | (() => SecretKey | Promise<SecretKey>);
/** The keys that `verifyAsync` takes. */
export type AsyncVerifySecretKey =
  | SecretKey
  | Promise<SecretKey>
  | ((header: JwtHeader) => SecretKey | Promise<SecretKey>);

// Without the reader for key pairs, so anything that is not a secret is refused. A public key never becomes a secret:
// the core refuses what looks like one.
//
// Marked as pure, because bundlers keep calls that may have side effects: a program that only verifies would include
// `sign`.
const reader = /* @__PURE__ */ new KeyReader();
/** `sign` of npm jsonwebtoken, for HS256, HS384 and HS512. */
export const sign: Sign<SecretKey> = /* @__PURE__ */ makeSign(reader);
/** `sign`, with a key that may also be a promise, or a function that returns the key. */
export const signAsync: SignAsync<AsyncSecretKey> = /* @__PURE__ */ makeSignAsync(reader);
/** A `sign` for many tokens: key and options are read only once. */
export const createSigner: CreateSigner<SecretKey> = /* @__PURE__ */ makeCreateSigner(reader);
/** `verify` of npm jsonwebtoken. A token signed with a key pair is refused, because no key here fits it. */
export const verify: Verify<SecretKey> = /* @__PURE__ */ makeVerify(reader);
/** `verify`, with a key that may also be a promise, or a function of the token's header. */
export const verifyAsync: VerifyAsync<AsyncVerifySecretKey> = /* @__PURE__ */ makeVerifyAsync(reader);
/** A `verify` for many tokens: key and options are read only once. */
export const createVerifier: CreateVerifier<SecretKey> = /* @__PURE__ */ makeCreateVerifier(reader);
/** Loads the wasm before the first call, which would otherwise load it. */
export const init: Init = /* @__PURE__ */ makeInit();
/** Sessions whose access keys are secrets. Key pairs and proofs of possession need `tandem-jwt/session`. */
export const createSessions: CreateSessions = /* @__PURE__ */ makeCreateSessions();
