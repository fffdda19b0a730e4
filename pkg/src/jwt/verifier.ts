// Verifies many tokens with one key and the same options.

import { jwtError } from "../core/errors.js";
import type { CreateVerifier, Verified, VerifierOptions } from "./api.js";
import { checkClaims, checkExpectations } from "./claims.js";
import { HeldKey, type KeyReader } from "./keys.js";
import { fitted } from "./schema.js";
import type { VerifyOptions } from "./types.js";
import { VerifiedTokens } from "./verified-tokens.js";
import { verifyNow } from "./verify.js";
import { copied, timeOf } from "./verify-options.js";

/** Makes `createVerifier` for the keys that a reader reads. */
export function makeCreateVerifier(reader: KeyReader): CreateVerifier {
  return function createVerifier(key: unknown, options?: VerifierOptions): (token: string) => Verified {
    const { cache = 0, ...rest } = { ...options };
    if (!Number.isInteger(cache) || cache < 0 || cache > MAX_CACHE) {
      throw jwtError(`cache must be a whole number of tokens from 0 to ${MAX_CACHE}`, "ERR_JWT_OPTIONS");
    }
    const kept = Object.freeze(copied(rest));
    // Options that are wrong throw now, and not at the first token.
    timeOf(kept);
    checkExpectations(kept);
    // An unsecured token has no key to hold.
    const held = key ? new HeldKey(reader, key, "verify") : key;
    const verify = (token: string, options: VerifyOptions) => verifyNow(reader, token, held, options);
    // The whole token is asked for seldom, and a header would have to be kept too.
    if (cache === 0 || kept.complete === true) return (token) => verify(token, kept);
    return remembering(verify, kept, new VerifiedTokens(cache));
  } as CreateVerifier;
}

// A token and its payload take a kilobyte or more, so this many fill a gigabyte.
const MAX_CACHE = 1_000_000;

function remembering(
  verify: (token: string, options: VerifyOptions) => Verified,
  options: VerifyOptions,
  verified: VerifiedTokens,
): (token: string) => Verified {
  const { schema } = options;
  // The payload is remembered, not the schema's output, so that the schema runs each time.
  const plain = Object.freeze({ ...options, schema: undefined });
  return (token) => {
    const known = typeof token === "string" ? verified.get(token) : undefined;
    if (known !== undefined) {
      checkClaims(known, options, timeOf(options));
      return fitted(schema, known);
    }
    const payload = verify(token, plain);
    // An unsecured token has no signature to remember it by.
    if (typeof payload === "object" && !token.endsWith(".")) verified.add(token, payload);
    return fitted(schema, payload);
  };
}
