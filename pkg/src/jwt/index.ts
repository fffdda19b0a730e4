// The drop-in: all that npm jsonwebtoken exports, and what is new here. No name of its has another meaning.

import type * as errors from "../core/errors.js";
import { JsonWebTokenError, NotBeforeError, TokenExpiredError } from "../core/errors.js";
import { decode } from "./decode.js";
import { sign } from "./sign.js";
import type * as types from "./types.js";
import { verify } from "./verify.js";

export type { ErrorCode, TandemError } from "../core/errors.js";
export { init, type WasmSource } from "../core/init.js";
export { type Backend, setBackend } from "./backend.js";
export { type GeneratedPair, type GeneratedSecret, type GenerateOptions, generateKey, thumbprint } from "./generate.js";
export type { SchemaError, SchemaIssue, SchemaOutput, SchemaResult, StandardSchema } from "./schema.js";
export { type AsyncKey, createSigner, signAsync } from "./sign.js";
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
export { createVerifier, type VerifierOptions } from "./verifier.js";
export { type AsyncVerifyKey, verifyAsync } from "./verify.js";
export { ACCESS_TOKEN } from "./verify-options.js";
export { decode, JsonWebTokenError, NotBeforeError, sign, TokenExpiredError, verify };

const jwt = { sign, verify, decode, JsonWebTokenError, NotBeforeError, TokenExpiredError };

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
