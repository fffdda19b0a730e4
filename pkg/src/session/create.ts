// Sessions: an access token that every server can verify, and a refresh token that is used once and shows who stole it.

import { notOurs, viewOf } from "./answer.js";
import { currentNonce } from "./dpop.js";
import { SessionError } from "./errors.js";
import { activeSessions } from "./evict.js";
import { issue } from "./issue.js";
import { introspectAccess, introspectRefresh, revokeSession } from "./manage.js";
import { checkOptions, requireKnownOptions } from "./options.js";
import type { PairSeam } from "./pair-seam.js";
import { presentedBy, refresh } from "./refresh.js";
import { revokeByKey } from "./revoke.js";
import { type Settings, settingsOf } from "./settings.js";
import { stepUp } from "./step-up.js";
import { isText } from "./text.js";
import { available } from "./transact.js";
import type { SessionOptions, Sessions, SessionView, Verification, VerifyRequest } from "./types.js";
import { readAccess, verifyAccess } from "./verify.js";

/** `createSessions`, of whichever entry. */
export type CreateSessions = (options: SessionOptions) => Sessions;

/** Makes `createSessions` for key pairs and proofs too, or for secrets alone. */
export function makeCreateSessions(seam?: PairSeam): CreateSessions {
  return function createSessions(options) {
    const settings = settingsOf(options, seam);
    return {
      issue: (request) => issue(settings, request),
      refresh: (token, request) => refresh(settings, token, request),
      verify: (token: string, request?: VerifyRequest) =>
        verifyAccess(settings, token, request) as Promise<Verification<never>>,
      stepUp: (token, request) => stepUp(settings, token, request),
      introspect: (token) => introspectAccess(settings, token),
      introspectRefresh: (token) => introspectRefresh(settings, token),
      revoke: (token) => revokeBy(settings, token),
      revokeSession: (sub, sid) => revokeSession(settings, sub, sid),
      revokeAll: (sub, options = {}) => revokeAll(settings, sub, options),
      list: (sub) => list(settings, sub),
      jwks: () => ({ keys: settings.pairs.flatMap((pair) => (pair === undefined ? [] : [{ ...pair.jwk }])) }),
      dpopNonce: () => currentNonce(settings),
    };
  };
}

async function revokeBy(settings: Settings, token: unknown): Promise<boolean> {
  if (typeof token !== "string" || token === "") return false;
  const presented = presentedBy(settings, token);
  if (presented.code === undefined) {
    await revokeByKey(settings, presented.key);
    return true;
  }
  const access = await readAccess(settings, token);
  if (!access.ok) {
    notOurs(settings, presented.code, token);
    return false;
  }
  await revokeByKey(settings, { iss: settings.issuer, sub: access.claims.sub, sid: access.claims.sid });
  return true;
}

async function revokeAll(
  { store, issuer, emit }: Settings,
  sub: string,
  options: { except?: string | undefined },
): Promise<void> {
  requireSub(sub);
  // A misspelt exception would end the very session that was to be kept.
  requireKnownOptions("revokeAll", options);
  checkOptions("revokeAll", options);
  const { except } = options;
  await available(() => store.bumpEpoch({ iss: issuer, sub }, except));
  emit(except === undefined ? { type: "all_revoked", sub } : { type: "all_revoked", sub, except });
}

async function list(settings: Settings, sub: string): Promise<SessionView[]> {
  requireSub(sub);
  return (await activeSessions(settings, settings.issuer, sub)).map(viewOf);
}

function requireSub(sub: unknown): void {
  if (!isText(sub)) throw new SessionError("ERR_SESSION_REQUEST", "sub must be a non-empty string");
}
