// `require("jsonwebtoken/decode")` is a function; its siblings are its members.

import decoding = require("../jwt/decode.js");

const { expiresAt, expiresIn, isExpired } = decoding;
const decode = Object.assign(decoding.decode, { decode: decoding.decode, expiresAt, expiresIn, isExpired });

export = decode;
