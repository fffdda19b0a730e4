// `require("jsonwebtoken/decode")` is a function; its siblings are its members.

import decoding = require("../jwt/decode.js");

const { expiresAt, expiresIn, isExpired } = decoding;
// `decode` is a member too, for `const { decode } = require(…)` and for how compilers translate an import.
const decode = Object.assign(decoding.decode, { decode: decoding.decode, expiresAt, expiresIn, isExpired });

export = decode;
