// A second factor raises a session: a new one is made, and takes the place of the old one as soon as it is used. Until then
// the old one lives, so that an answer that is lost signs nobody out.

import { answer, dpopRefusal, notNow, notOurs, outcomeOf, refused, shownOf, storeFailed } from "./answer.js";
import { judge, useUp } from "./dpop.js";
import { SessionError } from "./errors.js";
import { begin, checked } from "./issue.js";
import { machine } from "./machine.js";
import { type Commands, checkedTransport, foresee, present, presentedBy, refreshCommand } from "./refresh.js";
import { endReplaced } from "./replace.js";
import { end } from "./revoke.js";
import type { Settings } from "./settings.js";
import type { SessionKey } from "./store.js";
import { isText } from "./text.js";
import { transact } from "./transact.js";
import type { Refusal, StepUpRequest, TokenPair } from "./types.js";

/** Raises a session of higher standing from the one whose refresh token this is. */
export async function stepUp(settings: Settings, token: unknown, request: StepUpRequest): Promise<TokenPair | Refusal> {
  if (!isText(request?.acr)) throw new SessionError("ERR_SESSION_REQUEST", "stepUp needs an acr");
  const transport = checkedTransport(request.transport);
  if (typeof token !== "string" || token === "") return refused("invalid_request");
  const whose = presentedBy(settings, token);
  if (whose.code !== undefined) return notOurs(settings, whose.code, token);
  const { sid, sub } = whose.value;
  const key: SessionKey = { iss: settings.issuer, sub, sid };
  const now = settings.now();
  const proof = judge(settings, request.dpop);
  if (proof?.code !== undefined) return dpopRefusal(settings, proof.code, whose.value);
  const jkt = proof?.jkt;
  const command: Commands = (more) => refreshCommand(settings, token, { now, transport, jkt, ...more });
  try {
    const { record, bytes, outcome, idle } = await foresee(settings, key, command);
    if (idle || record === null) return answer(settings, key, bytes, { now, presented: token }, outcome);
    if (!(await useUp(settings, proof, key))) return dpopRefusal(settings, "ERR_DPOP_REPLAYED", key);
    // What a refresh with this token does has to be done: a stolen one ends the session here too.
    if (!outcome.access) return await present(settings, key, command, { now, presented: token });

    const { claims, scope, meta, replaces } = shownOf(record);
    const refusal = replaces === undefined ? undefined : await endReplaced(settings, key, replaces);
    if (refusal !== undefined) return refusal;
    const wanted = checked({
      sub,
      device: meta.device,
      transport,
      claims: request.claims ?? claims,
      scope: request.scope ?? scope,
      acr: request.acr,
      authTime: request.authTime,
    });
    return await noted(settings, key, await begin(settings, wanted, { jkt, replaces: sid }), now);
  } catch (thrown) {
    if (thrown instanceof SessionError && thrown.code === "ERR_SESSION_REVOKED") return notNow();
    return storeFailed(settings, thrown, { sid, sub });
  }
}

/** The raised session, once the old one knows of it: a second click on the same button gets the one of the first. */
async function noted(
  settings: Settings,
  old: SessionKey,
  raised: TokenPair,
  now: number,
): Promise<TokenPair | Refusal> {
  const { store } = settings;
  const { iss, sub, sid } = old;
  const note = async (grace: number) => {
    const command = machine((core) => core.session_raise_command(iss, sub, sid, now, raised.sid, grace));
    return outcomeOf(await transact(store, old, command));
  };
  let { verdict, other } = await note(settings.grace);
  if (verdict === "already_raised" && other !== undefined) {
    const first = await repeated(settings, { ...old, sid: other }, raised, now);
    if (first !== undefined) {
      await end(settings, { ...old, sid: raised.sid });
      return first;
    }
    ({ verdict, other } = await note(0));
  }
  if (verdict === "done") {
    // One that nobody has used and nobody will.
    if (other !== undefined) await end(settings, { ...old, sid: other });
    return raised;
  }
  // It ended in the meantime, so nothing may rest on it.
  await end(settings, { ...old, sid: raised.sid });
  return verdict === "retry" || verdict === "unreadable" ? notNow() : refused("invalid_grant");
}

/** The first tokens of a session that was raised a moment ago, if it is what is asked for now. */
async function repeated(
  settings: Settings,
  key: SessionKey,
  asked: TokenPair,
  now: number,
): Promise<TokenPair | undefined> {
  const command = machine((core) => core.session_repeat_command(key.iss, key.sub, key.sid, now));
  const bytes = await transact(settings.store, key, command);
  const outcome = outcomeOf(bytes);
  const { session } = outcome;
  const same = session?.acr === asked.claims.acr && session?.scope === asked.scope;
  if (outcome.verdict !== "issued" || !same) return undefined;
  const pair = answer(settings, key, bytes, { now }, outcome);
  return pair.ok ? pair : undefined;
}
