// The object that `require` returns: plain properties that can be replaced, like those of npm jsonwebtoken.

import * as api from "../jwt/index.js";

// Listed one by one: `export *` would create getters, and tests that replace `jwt.verify` would fail.
export const {
  sign,
  signAsync,
  createSigner,
  verify,
  verifyAsync,
  createVerifier,
  decode,
  generateKey,
  thumbprint,
  init,
  setBackend,
  ACCESS_TOKEN,
} = api;
export const { JsonWebTokenError, NotBeforeError, TokenExpiredError } = api;

declare const exports: object;
// For `require("tandem-jwt").default`: the same object, so that a replaced member is replaced there too. Not
// enumerable, so that code that lists or copies the members does not see it.
Object.defineProperty(exports, "default", { value: exports, writable: true, configurable: true });
