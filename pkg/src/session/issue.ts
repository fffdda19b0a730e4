// New sessions: at sign-in, and where a second factor raises one.

import { answer, dpopRefusal, notNow, outcomeOf, refused, shownOf, storeFailed, unknownKid } from "./answer.js";
import { claimsText } from "./claims.js";
import { proofRefused, prove } from "./dpop.js";
import { SessionError } from "./errors.js";
import { machine } from "./machine.js";
import { checkedTransport, presentedBy, refreshCommand } from "./refresh.js";
import { runStep } from "./run-step.js";
import type { Settings } from "./settings.js";
import type { SessionKey } from "./store.js";
import { isText } from "./text.js";
import { available, transact } from "./transact.js";
import type { IssueRequest, Refusal, StepUpRequest, TokenPair } from "./types.js";

/** Begins a session, bound to the key of the proof that came with the sign-in, if one did. */
export async function issue(settings: Settings, request: IssueRequest): Promise<TokenPair> {
  const { sub } = checked(request);
  const proved = await prove(settings, request.dpop, { iss: settings.issuer, sub });
  if (proved.code === undefined) {
    if (proved.jkt !== undefined || !settings.proofs.required) return begin(settings, request, proved.jkt);
    throw new SessionError("ERR_DPOP_PROOF", "the sign-in came without a DPoP proof");
  }
  proofRefused(settings, proved.code, { sub });
  throw new SessionError(proved.code, "the DPoP proof of the sign-in is not good");
}

async function begin(settings: Settings, request: IssueRequest, jkt: string | undefined): Promise<TokenPair> {
  const { sub, scope, acr, authTime, device } = request;
  const transport = checkedTransport(request.transport);
  const { text, reserved } = claimsText(request.claims === undefined ? {} : request.claims);
  if (reserved.length > 0) {
    throw new SessionError("ERR_CLAIMS", `claims must not hold ${reserved.join(", ")}: these names are reserved`);
  }
  const { store, issuer, refreshKeys, policy } = settings;
  const now = settings.now();
  const meta = JSON.stringify({ device });
  const record = machine((core) =>
    core.session_new(
      refreshKeys,
      policy,
      issuer,
      sub,
      now,
      transport === "cookie",
      jkt,
      scope,
      Math.floor(authTime ?? now),
      acr,
      text,
      meta,
    ),
  );
  const { sid, expiresAt } = shownOf(record);
  const key = { iss: issuer, sub, sid };

  if (!(await available(() => store.create(key, record, { expiresAt, active: true })))) {
    throw new SessionError("ERR_STORE_UNAVAILABLE", "the session store holds another session of this new identifier");
  }
  // No token leaves before the store has said which epoch the session belongs to: a "sign out everywhere" that comes
  // while it is made is either seen here or ends it later.
  const sinceMs = authTime === undefined ? undefined : Math.floor(authTime * 1000);
  const settle = machine((core) => core.session_settle_command(issuer, sub, sid, now, sinceMs));
  const pair = answer(settings, { sid, sub }, await transact(store, key, settle), { now });
  if (pair.ok) return pair;
  throw new SessionError("ERR_SESSION_REVOKED", "all sessions of this user were revoked since authTime");
}

/** Puts a session of higher standing in the place of the one whose refresh token this is. */
export async function stepUp(settings: Settings, token: unknown, request: StepUpRequest): Promise<TokenPair | Refusal> {
  if (!isText(request?.acr)) throw new SessionError("ERR_SESSION_REQUEST", "stepUp needs an acr");
  const transport = checkedTransport(request.transport);
  if (typeof token !== "string" || token === "") return refused("invalid_request");
  const whose = presentedBy(settings, token);
  if (whose.code !== undefined) return unknownKid(settings, whose.code);
  const { sid, sub } = whose.value;
  const key: SessionKey = { iss: settings.issuer, sub, sid };
  const { store } = settings;
  const now = settings.now();
  try {
    const proved = await prove(settings, request.dpop, key);
    if (proved.code !== undefined) return dpopRefusal(settings, proved.code, whose.value);
    const { jkt } = proved;
    const loaded = await available(() => store.load(key));
    const command = refreshCommand(settings, token, { now, transport, jkt });
    const step = runStep(loaded?.record ?? null, loaded?.epoch ?? 0, command, loaded?.now);
    if (loaded === null || !outcomeOf(step.outcome).access) {
      // What a refresh with this token does has to be done: a stolen one ends the session here too.
      return answer(settings, whose.value, await transact(store, key, command), { now, presented: token });
    }

    const { claims, scope, meta } = shownOf(loaded.record);
    const device = meta.device;
    const raised = await begin(
      settings,
      checked({
        sub,
        device,
        transport,
        claims: request.claims ?? claims,
        scope: request.scope ?? scope,
        acr: request.acr,
        authTime: request.authTime,
      }),
      jkt,
    );
    const supersede = machine((core) => core.session_supersede_command(key.iss, sub, sid, now));
    const { verdict } = outcomeOf(await transact(store, key, supersede));
    if (verdict === "done") {
      settings.emit({ type: "superseded", sid, sub });
      return raised;
    }
    // It ended in the meantime, so nothing may rest on it.
    await revoke(settings, { ...key, sid: raised.sid });
    return refused("invalid_grant");
  } catch (thrown) {
    if (thrown instanceof SessionError && thrown.code === "ERR_SESSION_REVOKED") return notNow();
    return storeFailed(settings, thrown, { sid, sub });
  }
}

/** Ends a session for good. */
export async function revoke({ store, emit, now }: Settings, { iss, sub, sid }: SessionKey): Promise<void> {
  const command = machine((core) => core.session_revoke_command(iss, sub, sid, now()));
  await transact(store, { iss, sub, sid }, command);
  emit({ type: "revoked", by: "request", sid, sub });
}

function checked(request: IssueRequest): IssueRequest {
  if (typeof request !== "object" || request === null) throw wrong("issue needs a request with a sub");
  const { sub, scope, acr, authTime, device } = request;
  if (!isText(sub)) throw wrong("sub must be a string that is not empty");
  for (const [name, value] of Object.entries({ scope, acr, device })) {
    if (value !== undefined && !isText(value)) throw wrong(`${name} must be a string that is not empty`);
  }
  if (authTime !== undefined && !(Number.isFinite(authTime) && authTime >= 0)) {
    throw wrong("authTime must be seconds since 1970");
  }
  return request;
}

function wrong(message: string): SessionError {
  return new SessionError("ERR_SESSION_REQUEST", message);
}
