// The drop-in: all that npm jsonwebtoken exports, and what is new here. None of its names means something else.

import type * as errors from "../core/errors.js";
import { JsonWebTokenError, NotBeforeError, TokenExpiredError } from "../core/errors.js";
import { makeInit } from "../core/init.js";
import { keys } from "../core/keys.js";
import type { Init } from "../core/wasm-source.js";
import type { CreateSigner, CreateVerifier, Sign, SignAsync, Thumbprint, Verify, VerifyAsync } from "./api.js";
import { decode } from "./decode.js";
import { reader } from "./reader.js";
import { makeCreateSigner, makeSign, makeSignAsync } from "./sign.js";
import { makeThumbprint } from "./thumbprint.js";
import type * as types from "./types.js";
import { makeCreateVerifier } from "./verifier.js";
import { makeVerify, makeVerifyAsync } from "./verify.js";

export type { ErrorCode, TandemError } from "../core/errors.js";
export type { Init, WasmSource, WasmSources } from "../core/wasm-source.js";
export type {
  AsyncKey,
  AsyncVerifyKey,
  CreateSigner,
  CreateVerifier,
  Sign,
  SignAsync,
  Thumbprint,
  VerifierOptions,
  Verify,
  VerifyAsync,
} from "./api.js";
export { type Backend, setBackend } from "./backend.js";
export { type GeneratedPair, type GeneratedSecret, type GenerateOptions, generateKey } from "./generate.js";
export type { SchemaError, SchemaIssue, SchemaOutput, SchemaResult, StandardSchema } from "./schema.js";
export type {
  Algorithm,
  CryptoKeyLike,
  DecodeOptions,
  GetPublicKeyOrSecret,
  Jwk,
  Jwks,
  Jwt,
  JwtHeader,
  JwtPayload,
  KeyObjectLike,
  KeyWithFormat,
  PrivateKey,
  PublicKey,
  Secret,
  SignCallback,
  SigningKeyCallback,
  SignOptions,
  VerifyCallback,
  VerifyErrors,
  VerifyOptions,
} from "./types.js";
export { ACCESS_TOKEN } from "./verify-options.js";
export { decode, JsonWebTokenError, NotBeforeError, TokenExpiredError };

// By value and without effects, so that bundlers leave out what is not asked for.
export const sign: Sign = /* @__PURE__ */ makeSign(reader);
export const signAsync: SignAsync = /* @__PURE__ */ makeSignAsync(reader);
export const createSigner: CreateSigner = /* @__PURE__ */ makeCreateSigner(reader);
export const verify: Verify = /* @__PURE__ */ makeVerify(reader);
export const verifyAsync: VerifyAsync = /* @__PURE__ */ makeVerifyAsync(reader);
export const createVerifier: CreateVerifier = /* @__PURE__ */ makeCreateVerifier(reader);
export const thumbprint: Thumbprint = /* @__PURE__ */ makeThumbprint(reader);
export const init: Init = /* @__PURE__ */ makeInit(keys);

// The types are named, or the compiler would write them out in terms that older compilers do not know.
const jwt: {
  sign: Sign;
  verify: Verify;
  decode: typeof decode;
  JsonWebTokenError: typeof JsonWebTokenError;
  NotBeforeError: typeof NotBeforeError;
  TokenExpiredError: typeof TokenExpiredError;
} = { sign, verify, decode, JsonWebTokenError, NotBeforeError, TokenExpiredError };

// `import jwt from "jsonwebtoken"` brings the types along, as in `jwt.JwtPayload`; so does this default.
declare namespace jwt {
  export type JsonWebTokenError = errors.JsonWebTokenError;
  export type NotBeforeError = errors.NotBeforeError;
  export type TokenExpiredError = errors.TokenExpiredError;
  export type Algorithm = types.Algorithm;
  export type DecodeOptions = types.DecodeOptions;
  export type GetPublicKeyOrSecret = types.GetPublicKeyOrSecret;
  export type Jwt = types.Jwt;
  export type JwtHeader = types.JwtHeader;
  export type JwtPayload = types.JwtPayload;
  export type PrivateKey = types.PrivateKey;
  export type PublicKey = types.PublicKey;
  export type Secret = types.Secret;
  export type SignCallback = types.SignCallback;
  export type SigningKeyCallback = types.SigningKeyCallback;
  export type SignOptions = types.SignOptions;
  export type VerifyCallback<T = types.Jwt | types.JwtPayload | string> = types.VerifyCallback<T>;
  export type VerifyErrors = types.VerifyErrors;
  export type VerifyOptions = types.VerifyOptions;
}

export default jwt;
