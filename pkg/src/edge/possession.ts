// Proofs of possession (RFC 9449) for key-bound tokens of other systems.

import { unknownOption } from "../core/unknown-option.js";
import { algorithmsWhere } from "../jwt/algorithms.js";
import { currentNonce, type Judging, judge, useUp } from "../session/dpop.js";
import { SessionError } from "../session/errors.js";
import type { SecretInput, Span } from "../session/index.js";
import type { Issuer } from "../session/machine.js";
import { secondsOf } from "../session/options.js";
import { sessionPairs as pairs } from "../session/pairs.js";
import { nonceIssuer } from "../session/settings.js";
import { type Proved, proofOf } from "./proofs.js";
import { type PossessionOptions, protectOptionError } from "./protect-options.js";
import type { EdgeErrorCode, ErrorDetails } from "./responses.js";
import { vouchesForHosts } from "./vouching.js";

/** Why a proof was refused, and what its sender is told. */
export interface Unproved {
  readonly reason: string;
  readonly code: EdgeErrorCode;
  readonly details: ErrorDetails;
}

/** The proofs of one API. */
export interface Possession {
  readonly required: boolean;
  /**
   * Whether the request proves possession of the key `jkt`. A valid proof is used up. Rejects with
   * `ERR_STORE_UNAVAILABLE` if the store cannot tell whether the proof was used before.
   */
  prove(request: Proved, token: string, iss: string, jkt: string): Promise<Unproved | null>;
}

/** The value of `algs` in challenges. */
export const PROOF_ALGORITHMS: readonly string[] = algorithmsWhere(({ keyTypes }) => keyTypes.length > 0);

const KNOWN = ["store", "origin", "maxAge", "nonces", "nonceKeys", "required"];

/** @throws an `ERR_JWT_OPTIONS` for invalid options. */
export function possessionOf(options: PossessionOptions, now: () => number): Possession {
  const unknown = unknownOption(options, KNOWN);
  if (unknown !== undefined) throw protectOptionError(`dpop ${unknown}`);
  const { store, origin, maxAge = 60, nonces, nonceKeys, required = false } = options;
  if (typeof store?.firstUse !== "function")
    throw protectOptionError("dpop.store must have a method firstUse, which remembers proofs");
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).origin === origin))
    throw protectOptionError('dpop.origin must be an origin such as "https://api.example"');
  if (origin === undefined && !vouchesForHosts())
    throw protectOptionError(
      'dpop.origin is required here, such as "https://api.example": the host of a request cannot be trusted',
    );
  if (typeof required !== "boolean") throw protectOptionError("dpop.required must be true or false");
  if ((nonces === undefined) !== (nonceKeys === undefined))
    throw protectOptionError("dpop.nonces and dpop.nonceKeys must be set together");
  const judging: Judging = {
    seam: pairs,
    machine: nonceKeys === undefined ? undefined : noncesFrom(nonceKeys),
    proofs: { maxAge: spanOf("maxAge", maxAge), noncePeriod: nonces === undefined ? 0 : spanOf("nonces", nonces) },
    now,
  };
  const refused = (reason: string): Unproved => {
    const dpopNonce = reason === "ERR_DPOP_NONCE" ? currentNonce(judging) : undefined;
    const code = dpopNonce === undefined ? "invalid_dpop_proof" : "use_dpop_nonce";
    return { reason, code, details: { status: 401, scheme: "DPoP", dpopNonce } };
  };
  return {
    required,
    async prove(request, token, iss, jkt) {
      const proof = await judge(judging, proofOf(origin ?? new URL(request.url).origin, request), token);
      if (proof === undefined) return refused("ERR_DPOP_PROOF");
      if (proof.code !== undefined) return refused(proof.code);
      // A valid proof by another key: the token was copied (RFC 9449 §7.1).
      if (proof.jkt !== jkt) return refused("ERR_DPOP_KEY");
      // Stored under the key rather than a session, because tokens of other systems have no session here.
      return (await useUp({ store }, proof, { iss, sub: jkt })) ? null : refused("ERR_DPOP_REPLAYED");
    },
  };
}

function spanOf(name: string, span: Span): number {
  const seconds = secondsOf(span);
  // Each proof is remembered for as long as it is valid, so the limit of an hour also bounds the store.
  if (seconds >= 1 && seconds <= 3600) return seconds;
  throw protectOptionError(`dpop.${name} must be from 1 second to 1 hour, such as "60s"`);
}

function noncesFrom(secrets: SecretInput | SecretInput[]): Issuer {
  try {
    return nonceIssuer(secrets);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    throw protectOptionError("dpop.nonceKeys must be strings or bytes, each of at least 32 bytes");
  }
}
