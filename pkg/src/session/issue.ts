// New sessions.

import { answerOutcome, finish, shownOf } from "./answer.js";
import { claimsText } from "./claims.js";
import { commandTo } from "./command.js";
import { judge, proofRefused, useUp } from "./dpop.js";
import { invalidRequest, SessionError, type SessionErrorCode } from "./errors.js";
import { evict } from "./evict.js";
import { encoded } from "./message.js";
import { checkOptions, requireKnownOptions } from "./options.js";
import { checkedTransport } from "./refresh.js";
import type { Settings } from "./settings.js";
import { available, transact } from "./transact.js";
import type { IssueRequest, TokenPair } from "./types.js";

/** Begins a session, bound to the key of the proof that came with the sign-in, if one did. */
export async function issue(settings: Settings, request: IssueRequest): Promise<TokenPair> {
  const { sub } = checked(request);
  const proof = await judge(settings, request.dpop);
  if (proof === undefined && settings.proofs.required)
    throw new SessionError("ERR_DPOP_PROOF", "the sign-in came without a DPoP proof");
  if (proof?.code !== undefined) throw unproved(settings, proof.code, sub);
  if (!(await useUp(settings, proof, { iss: settings.issuer, sub })))
    throw unproved(settings, "ERR_DPOP_REPLAYED", sub);
  return beginSession(settings, request, { jkt: proof?.jkt });
}

function unproved(settings: Settings, code: SessionErrorCode, sub: string): SessionError {
  proofRefused(settings, code, { sub });
  return new SessionError(code, "the DPoP proof of the sign-in is not valid");
}

/** Begins a session, which takes the place of `replaces` as soon as it is used. */
export async function beginSession(
  settings: Settings,
  request: IssueRequest,
  { jkt, replaces }: { jkt: string | undefined; replaces?: string },
): Promise<TokenPair> {
  const { sub, scope, acr, authTime, device } = request;
  const transport = checkedTransport(request.transport);
  const { text, reserved } = claimsText(request.claims === undefined ? {} : request.claims);
  // At a sign-in a reserved name is a mistake that the program should see; a refresh only reports it and goes on.
  if (reserved.length > 0) {
    throw new SessionError("ERR_CLAIMS", `claims must not hold ${reserved.join(", ")}: these names are reserved`);
  }
  const { store, issuer } = settings;
  const now = settings.now();
  const meta = JSON.stringify({ device });
  const message = encoded({
    sub,
    now,
    cookie: transport === "cookie",
    jkt,
    scope,
    authTime: Math.floor(authTime ?? now),
    acr,
    claims: text,
    meta,
    replaces,
  });
  const record = settings.machine.bytes((core, number) => core.session_new(number, message));
  // Whatever can fail about the key that signs fails before anything is written.
  await settings.pairs[0]?.ready();
  const { sid, expiresAt } = shownOf(record);
  const key = { iss: issuer, sub, sid };

  // 128 random bits do not collide by chance, so this store is answering for something else.
  if (!(await available(() => store.create(key, record, { expiresAt, active: true })))) {
    throw new SessionError("ERR_STORE_UNAVAILABLE", "the session store already holds a session with this new sid");
  }
  // No token leaves before the store has said which epoch the session belongs to: a "sign out everywhere" that comes
  // while it is made is either seen here or ends it later.
  const nowMs = settings.nowMs();
  const agoMs = authTime === undefined ? undefined : Math.max(0, nowMs - Math.floor(authTime * 1000));
  const settle = commandTo(key, now, { action: "settle", agoMs, nowMs });
  const outcome = finish(settings, await transact(store, key, settle), { now });
  const pair = await answerOutcome(settings, key, outcome, { now });
  if (pair.ok) {
    // After the new session stands, so that a sign-in that fails ends no other session.
    await evict(settings, key, replaces);
    return pair;
  }
  throw new SessionError("ERR_SESSION_REVOKED", "all sessions of this user were revoked after authTime");
}

/** The request, once its options are checked: a caller in JavaScript may pass anything. */
export function checked(request: IssueRequest): IssueRequest {
  if (typeof request !== "object" || request === null)
    throw invalidRequest("the request of issue must be an object with a sub");
  requireKnownOptions("issue", request);
  checkOptions("issue", request);
  return request;
}
