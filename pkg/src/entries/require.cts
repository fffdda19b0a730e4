// What `require` gives: plain properties that can be replaced, as those of npm jsonwebtoken can.

import "../core/inline.js";
import * as api from "../jwt/index.js";

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
  ACCESS_TOKEN,
} = api;
export const { JsonWebTokenError, NotBeforeError, TokenExpiredError } = api;

declare const exports: { default?: unknown };
// For code compiled from `import jwt from "tandem-jwt"`: the same object, so that a replaced member is replaced there
// too.
exports.default = exports;
