// Access tokens, verified without a store unless one is asked, or has to remember a proof.

import { judge, proofRefused, useUp } from "./dpop.js";
import { SessionError, type SessionErrorCode } from "./errors.js";
import { attempt, lives } from "./machine.js";
import { requireKnownOptions } from "./options.js";
import type { Settings } from "./settings.js";
import { available } from "./transact.js";
import type { AccessClaims, Verification, VerifyRequest } from "./types.js";

/** Verifies an access token. */
export async function verify(settings: Settings, token: unknown, request: VerifyRequest = {}): Promise<Verification> {
  requireKnownOptions("verify", request);
  const read = readAccess(settings, token);
  if (!read.ok) return read;
  const { claims } = read;
  if (claims.exp <= settings.now()) return invalid("ERR_JWT_EXPIRED");
  const audience: unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!settings.audience.some((ours) => audience.includes(ours))) return invalid("ERR_JWT_CLAIM");
  if (request.scope !== undefined && !allows(claims.scope, request.scope)) {
    return { ok: false, error: "insufficient_scope", status: 403, reason: "ERR_SCOPE" };
  }
  try {
    // A token that is bound is nothing without its key, and one that is not must not pass for one that is.
    const { sid, sub } = claims;
    const proof = judge(settings, request.dpop, token as string);
    if (proof?.code !== undefined) return unproved(settings, proof.code, { sid, sub });
    if (proof?.jkt !== claims.cnf?.jkt) return unproved(settings, "ERR_DPOP_KEY", { sid, sub });
    if (request.checkSession === true && !(await sessionLives(settings, claims))) return invalid("ERR_SESSION_REVOKED");
    if (await useUp(settings, proof, { iss: settings.issuer, sub })) return read;
    return unproved(settings, "ERR_DPOP_REPLAYED", { sid, sub });
  } catch (thrown) {
    if (!(thrown instanceof SessionError) || thrown.code !== "ERR_STORE_UNAVAILABLE") throw thrown;
    settings.emit({ type: "store_failed", cause: thrown.cause ?? thrown, sid: claims.sid, sub: claims.sub });
    return { ok: false, error: "temporarily_unavailable", status: 503, reason: thrown.code };
  }
}

function unproved(
  settings: Settings,
  reason: SessionErrorCode,
  whose: { sid: string; sub: string },
): Verification & { ok: false } {
  if (reason !== "ERR_DPOP_KEY") return { ok: false, status: 401, reason, ...proofRefused(settings, reason, whose) };
  settings.emit({ type: "binding_mismatch", ...whose });
  return invalid(reason);
}

/** An access token of ours, whether or not its time has passed. */
export function readAccess(
  settings: Settings,
  token: unknown,
): { ok: true; claims: AccessClaims } | (Verification & { ok: false }) {
  if (typeof token !== "string" || token === "") return invalid("ERR_JWT_MALFORMED");
  const read = attempt((core) => core.session_read_access(settings.accessKeys, token));
  if (read.code !== undefined) return invalid(read.code);
  const claims = parse(read.value);
  return claims !== undefined && claims.iss === settings.issuer ? { ok: true, claims } : invalid("ERR_JWT_CLAIM");
}

async function sessionLives({ store, issuer, policy, now }: Settings, { sub, sid }: AccessClaims): Promise<boolean> {
  const loaded = await available(() => store.load({ iss: issuer, sub, sid }));
  if (loaded === null) return false;
  try {
    return lives(loaded.record, loaded.epoch, loaded.now ?? now(), policy);
  } catch (cause) {
    // Written by a later version, whose servers know.
    throw new SessionError("ERR_STORE_UNAVAILABLE", "the record of the session cannot be read", { cause });
  }
}

// The origin signs with the same secret, so what a token of ours holds is checked as if anyone had written it.
function parse(payload: string): AccessClaims | undefined {
  try {
    const claims = JSON.parse(payload) as Partial<AccessClaims> | null;
    const complete =
      typeof claims?.sub === "string" &&
      typeof claims.sid === "string" &&
      typeof claims.exp === "number" &&
      typeof claims.iat === "number" &&
      // Bound in a way that nobody here knows is not the same as not bound.
      (claims.cnf === undefined || typeof claims.cnf?.jkt === "string");
    return complete ? (claims as AccessClaims) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a scope holds all names of another (RFC 6749 section 3.3). */
export function allows(granted: string | undefined, wanted: string): boolean {
  const names = new Set(typeof granted === "string" ? granted.split(" ") : []);
  return wanted.split(" ").every((name) => names.has(name));
}

function invalid(reason: SessionErrorCode): Verification & { ok: false } {
  return { ok: false, error: "invalid_token", status: 401, reason };
}
