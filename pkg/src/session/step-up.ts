// A second factor raises a session: a new session is made, and takes the place of the old one as soon as it is used.
// Until then the old one goes on, so that a lost answer signs nobody out.

import { answerOutcome, dpopRefusal, finish, notNow, notOurs, outcomeOf, refused, storeFailed } from "./answer.js";
import { commandTo } from "./command.js";
import { judge, useUp } from "./dpop.js";
import { invalidRequest, SessionError } from "./errors.js";
import { beginSession, checked } from "./issue.js";
import { checkOptions, requireKnownOptions } from "./options.js";
import { amend, beginRefresh, checkedTransport, foresee, present } from "./refresh.js";
import { endReplaced } from "./replace.js";
import { end } from "./revoke.js";
import type { Settings } from "./settings.js";
import type { SessionKey } from "./store.js";
import { transact } from "./transact.js";
import type { Refusal, StepUpRequest, TokenPair } from "./types.js";

/** Raises a session of higher standing from the one whose refresh token this is. */
export async function stepUp(settings: Settings, token: unknown, request: StepUpRequest): Promise<TokenPair | Refusal> {
  if (typeof request !== "object" || request === null)
    throw invalidRequest("the request of stepUp must be an object with an acr");
  requireKnownOptions("stepUp", request);
  checkOptions("stepUp", request);
  const transport = checkedTransport(request.transport);
  if (typeof token !== "string" || token === "") return refused("invalid_request");
  const now = settings.now();
  const begun = beginRefresh(settings, token, { now, transport });
  if (begun.code !== undefined) return notOurs(settings, begun.code, token);
  const { key } = begun;
  const { sid, sub } = key;
  const proof = await judge(settings, request.dpop);
  if (proof?.code !== undefined) return dpopRefusal(settings, proof.code, key);
  const jkt = proof?.jkt;
  const command = jkt === undefined ? begun.command : amend(begun.command, { jkt });
  try {
    // Looked at first, because a step-up must neither rotate the old session nor use up its token.
    const foreseen = await foresee(settings, key, command);
    if (foreseen.idle) return await answerOutcome(settings, key, foreseen, { now, presented: token });
    if (!(await useUp(settings, proof, key))) return dpopRefusal(settings, "ERR_DPOP_REPLAYED", key);
    // The token is judged as in a refresh, so that a stolen one ends the session here too.
    if (!foreseen.access || foreseen.before === undefined)
      return await present(settings, key, command, { now, presented: token });

    const { claims, scope, meta, replaces } = foreseen.before;
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
    return await noted(settings, key, await beginSession(settings, wanted, { jkt, replaces: sid }), now);
  } catch (thrown) {
    // Everything of the user was revoked since the second factor. The next try finds the old session ended too, and
    // says so.
    if (thrown instanceof SessionError && thrown.code === "ERR_SESSION_REVOKED") return notNow();
    return storeFailed(settings, thrown, { sid, sub });
  }
}

/**
 * The raised session, once the old one has noted it. A second click on the same button gets the session of the first
 * click.
 */
async function noted(
  settings: Settings,
  old: SessionKey,
  raised: TokenPair,
  now: number,
): Promise<TokenPair | Refusal> {
  const { store } = settings;
  const note = async (grace: number) =>
    outcomeOf(await transact(store, old, commandTo(old, now, { action: "raise", raised: raised.sid, grace })));
  let { verdict, other } = await note(settings.grace);
  if (verdict === "already_raised" && other !== undefined) {
    const first = await repeated(settings, { ...old, sid: other }, raised, now);
    if (first !== undefined) {
      await end(settings, { ...old, sid: raised.sid });
      return first;
    }
    // The earlier one cannot serve this request. Without a grace it is replaced, however young it is.
    ({ verdict, other } = await note(0));
  }
  if (verdict === "done") {
    // A session that was raised earlier: nobody has used it, and nobody will.
    if (other !== undefined) await end(settings, { ...old, sid: other });
    return raised;
  }
  // The old session ended in the meantime, so the raised one must not take its place.
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
  const command = commandTo(key, now, { action: "repeat" });
  const outcome = finish(settings, await transact(settings.store, key, command), { now });
  const { session } = outcome;
  const same = session?.acr === asked.claims.acr && session?.scope === asked.scope;
  if (outcome.verdict !== "issued" || !same) return undefined;
  const pair = await answerOutcome(settings, key, outcome, { now });
  return pair.ok ? pair : undefined;
}
