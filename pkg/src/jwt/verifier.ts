// Verifies many tokens with one key and the same options.

import { jwtError } from "../core/errors.js";
import { checkClaims, checkExpectations } from "./claims.js";
import { HeldKey } from "./keys.js";
import { fitted, type SchemaOutput, type StandardSchema } from "./schema.js";
import type { Jwt, JwtPayload, PublicKey, Secret, VerifyOptions } from "./types.js";
import { VerifiedTokens } from "./verified-tokens.js";
import { type Verified, verifyNow } from "./verify.js";
import { copied, timeOf } from "./verify-options.js";

/** How a prepared verifier verifies. */
export interface VerifierOptions extends VerifyOptions {
  /**
   * How many tokens to remember whose signature was right, so that the next time only their claims are checked. At most
   * a million; default 0. Expiry and all other claims count each time.
   */
  cache?: number | undefined;
}

/** A function that verifies many tokens with one key and these options. The bytes of a key are copied now. */
export function createVerifier<Schema extends StandardSchema>(
  key: Secret | PublicKey,
  options: VerifierOptions & { schema: Schema; complete?: false },
): (token: string) => SchemaOutput<Schema>;
export function createVerifier(
  key: Secret | PublicKey,
  options: VerifierOptions & { complete: true },
): (token: string) => Jwt;
export function createVerifier(
  key: Secret | PublicKey,
  options?: VerifierOptions & { complete?: false },
): (token: string) => JwtPayload | string;
export function createVerifier(key: Secret | PublicKey, options?: VerifierOptions): (token: string) => Verified;
export function createVerifier(key: unknown, options?: VerifierOptions): (token: string) => Verified {
  const { cache = 0, ...rest } = { ...options };
  if (!Number.isInteger(cache) || cache < 0 || cache > MAX_CACHE) {
    throw jwtError(`cache must be a number of tokens up to ${MAX_CACHE}`, "ERR_JWT_OPTIONS");
  }
  const kept = Object.freeze(copied(rest));
  timeOf(kept);
  checkExpectations(kept);
  // An unsecured token has no key to hold.
  const held = key ? new HeldKey(key, "verify") : key;
  // `complete` is rarely asked for, and would need the header remembered too.
  if (cache === 0 || kept.complete === true) return (token) => verifyNow(token, held, kept);
  return remembering(held, kept, new VerifiedTokens(cache));
}

const MAX_CACHE = 1_000_000;

function remembering(key: unknown, options: VerifyOptions, verified: VerifiedTokens): (token: string) => Verified {
  const { schema } = options;
  // The payload is remembered, not the schema's output, so that the schema runs each time.
  const plain = Object.freeze({ ...options, schema: undefined });
  return (token) => {
    const known = typeof token === "string" ? verified.get(token) : undefined;
    if (known !== undefined) {
      checkClaims(known, options, timeOf(options));
      return fitted(schema, known);
    }
    const payload = verifyNow(token, key, plain);
    // An unsecured token has no signature that could be its name.
    if (typeof payload === "object" && !token.endsWith(".")) verified.add(token, payload);
    return fitted(schema, payload);
  };
}
