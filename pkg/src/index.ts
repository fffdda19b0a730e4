// The drop-in: what npm jsonwebtoken exports, and nothing that it does not know under another meaning.

import { decode } from "./decode.js";
import { JsonWebTokenError, NotBeforeError, TokenExpiredError } from "./errors.js";
import { sign } from "./sign.js";
import { verify } from "./verify.js";

export { generateKey, thumbprint, type GeneratedPair, type GeneratedSecret, type GenerateOptions } from "./generate.js";
export { createSigner, signAsync, type AsyncKey } from "./sign.js";
export { createVerifier, verifyAsync, type AsyncVerifyKey } from "./verify.js";

export { decode, JsonWebTokenError, NotBeforeError, sign, TokenExpiredError, verify };
export { init } from "./core/instance.js";
export type { ErrorCode, TandemError } from "./errors.js";
export type * from "./types.js";

export default { sign, verify, decode, JsonWebTokenError, NotBeforeError, TokenExpiredError };
