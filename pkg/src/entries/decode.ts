export { decode, decode as default, expiresAt, expiresIn, isExpired } from "../jwt/decode.js";
