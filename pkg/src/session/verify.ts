// Verifies access tokens. That needs no store, unless the session is checked or a proof has to be remembered.

import { checkSchema, fittedInTime, type SchemaIssue, type StandardSchema } from "../jwt/schema.js";
import { judge, proofRefused, useUp } from "./dpop.js";
import { SessionError, type SessionErrorCode } from "./errors.js";
import { isActive, refusal, textOf } from "./machine.js";
import { checkOptions, requireKnownOptions } from "./options.js";
import type { Settings } from "./settings.js";
import { available } from "./transact.js";
import type { AccessClaims, Verification, VerifyRequest } from "./types.js";

type Refused = Verification & { ok: false };

/** Verifies an access token. */
export async function verifyAccess(
  settings: Settings,
  token: unknown,
  given?: VerifyRequest | null,
): Promise<Verification<unknown>> {
  const request = given ?? {};
  requireKnownOptions("verify", request);
  checkOptions("verify", request);
  const schema = checkedSchema(request.schema);
  const read = await readAccess(settings, token);
  if (!read.ok) return read;
  const { claims } = read;
  if (claims.exp <= settings.now()) return invalid("ERR_JWT_EXPIRED");
  const audience: unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  // A token for another API of the same issuer is no token here (RFC 9068 §4).
  if (!settings.audience.some((ours) => audience.includes(ours))) return invalid("ERR_JWT_CLAIM");
  if (request.scope !== undefined && !allows(claims.scope, request.scope)) {
    return { ok: false, error: "insufficient_scope", status: 403, reason: "ERR_SCOPE" };
  }
  try {
    // A bound token needs a proof by its key, and an unbound one must not pass for a bound one.
    const { sid, sub } = claims;
    const proof = await judge(settings, request.dpop, token as string);
    if (proof?.code !== undefined) return unproved(settings, proof.code, { sid, sub });
    if (proof?.jkt !== claims.cnf?.jkt) return unproved(settings, "ERR_DPOP_KEY", { sid, sub });
    const fit = await shaped(schema, claims);
    if (!fit.ok) return fit;
    if (request.checkSession === true && !(await sessionIsActive(settings, claims)))
      return invalid("ERR_SESSION_REVOKED");
    // Last, since this writes: a proof is used up only by a request that everything else allows.
    if (await useUp(settings, proof, { iss: settings.issuer, sub })) return fit;
    return unproved(settings, "ERR_DPOP_REPLAYED", { sid, sub });
  } catch (thrown) {
    if (!(thrown instanceof SessionError) || thrown.code !== "ERR_STORE_UNAVAILABLE") throw thrown;
    settings.emit({ type: "store_failed", cause: thrown.cause ?? thrown, sid: claims.sid, sub: claims.sub });
    return { ok: false, error: "temporarily_unavailable", status: 503, reason: thrown.code };
  }
}

function checkedSchema(schema: unknown): StandardSchema | undefined {
  if (schema === undefined) return undefined;
  try {
    checkSchema(schema);
    return schema;
  } catch (error) {
    throw new SessionError("ERR_SESSION_REQUEST", (error as Error).message);
  }
}

/**
 * The claims as a schema returns them. An exception of the schema itself is a mistake of the program, and is rethrown.
 */
async function shaped(
  schema: StandardSchema | undefined,
  claims: AccessClaims,
): Promise<{ ok: true; claims: unknown } | Refused> {
  try {
    return { ok: true, claims: await fittedInTime(schema, claims) };
  } catch (error) {
    const { code, issues } = Object(error) as { code?: unknown; issues?: readonly SchemaIssue[] };
    if (code !== "ERR_JWT_SCHEMA") throw error;
    return { ...invalid(code), ...(issues === undefined ? {} : { issues }) };
  }
}

function unproved(settings: Settings, reason: SessionErrorCode, whose: { sid: string; sub: string }): Refused {
  if (reason !== "ERR_DPOP_KEY") return { ok: false, status: 401, reason, ...proofRefused(settings, reason, whose) };
  settings.emit({ type: "binding_mismatch", ...whose });
  return invalid(reason);
}

/** An access token of ours, whether or not its time has passed. */
export async function readAccess(
  settings: Settings,
  token: unknown,
): Promise<{ ok: true; claims: AccessClaims } | Refused> {
  if (typeof token !== "string" || token === "") return invalid("ERR_JWT_MALFORMED");
  if (token.length > LONGEST_TOKEN) return invalid("ERR_JWT_TOO_LARGE");
  const reply = settings.machine.reply((core, number) => core.session_read_access(number, token));
  if (reply.isRefused) return invalid(textOf(reply.value) as SessionErrorCode);
  // The index of the key pair that the token names, or a mark that its MAC is verified already.
  const index = new DataView(reply.value.buffer, reply.value.byteOffset).getUint16(0);
  if (index !== VERIFIED) {
    const pair = settings.pairs[index];
    if (pair === undefined) throw refusal("ERR_KEY_INVALID");
    // Until the key pair has verified the token, anyone may have written its payload.
    if (!(await pair.verify(token))) return invalid("ERR_JWT_SIGNATURE");
  }
  const claims = parse(textOf(reply.value.subarray(2)));
  return claims !== undefined && claims.iss === settings.issuer ? { ok: true, claims } : invalid("ERR_JWT_CLAIM");
}

/** Stands in the field of a key pair's index, and means that the machine has verified the token itself. */
const VERIFIED = 0xffff;

/** The longest access token, in characters: none of ours comes near, so a longer one is not even copied. */
const LONGEST_TOKEN = 64 << 10;

async function sessionIsActive(
  { store, issuer, machine, now }: Settings,
  { sub, sid }: AccessClaims,
): Promise<boolean> {
  const loaded = await available(() => store.load({ iss: issuer, sub, sid }));
  if (loaded === null) return false;
  try {
    return isActive(machine, loaded.record, loaded.epoch, loaded.now ?? now());
  } catch (cause) {
    // Written by a later version, whose servers can read it.
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
      // A binding of a kind that is unknown here must not count as no binding.
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

function invalid(reason: SessionErrorCode): Refused {
  return { ok: false, error: "invalid_token", status: 401, reason };
}
