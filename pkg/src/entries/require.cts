// The object that `require` gives: plain properties that can be replaced, as those of npm jsonwebtoken can.

import * as api from "../jwt/index.js";

// Spelt out: `export *` would make getters of them, and tests that replace `jwt.verify` would fail.
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
// enumerable, so that whoever lists or copies the members does not meet it.
Object.defineProperty(exports, "default", { value: exports, writable: true, configurable: true });
