import { unverifiedClaims } from "../core/unverified.js";
import type { JwtPayload } from "../jwt/types.js";
import type { AccessClaims, DpopRequest, Refusal, TokenPair, Verification } from "../session/index.js";
import { allows } from "../session/verify.js";
import { type PresentedToken, presentedToken } from "./authorization.js";
import { type Gate, hasSessions, type Site } from "./context.js";
import { clearAll, clearCompanion, type PresentedCookies } from "./cookies.js";
import type { Judge } from "./judge.js";
import { presentedCookies } from "./presented.js";
import { proofOf } from "./proofs.js";
import type { EdgeErrorCode, ErrorDetails } from "./responses.js";
import type { Route } from "./routes.js";
import { isSameOrigin, needsSameOrigin } from "./same-origin.js";
import type { Outside } from "./seal.js";
import { type CookieWrites, pairWrites } from "./writes.js";

/** The sender of a request, and the cookies that have to be written whatever becomes of it. */
export type Identity = (
  | { readonly kind: "known"; readonly claims: AccessClaims; readonly token: string }
  /** By a token of another system. */
  | { readonly kind: "other"; readonly claims: JwtPayload; readonly token: string }
  /** `details` are for the answer, where nobody is not enough. */
  | { readonly kind: "anonymous"; readonly details?: ErrorDetails }
  | { readonly kind: "refused"; readonly code: EdgeErrorCode; readonly details: ErrorDetails }
) & { readonly byCookie: boolean; readonly writes: CookieWrites | null };

/** The identity behind a request that we judge ourselves. */
export type OwnIdentity = Exclude<Identity, { readonly kind: "other" }>;

/**
 * Answers before anything is forwarded, so that a request and its body travel once, whatever its method: an access
 * token that has run out is refreshed here, not after the origin said no.
 */
export async function identify(gate: Gate, request: Request, route: Route): Promise<Identity> {
  const judge = gate.judges.get(route);
  if (judge !== undefined) return byOthers(judge, request, route);
  return hasSessions(gate) ? identifyOwn(gate, request, route) : { kind: "anonymous", byCookie: false, writes: null };
}

/** By our cookies, or by a token that we issued. */
export async function identifyOwn(site: Site, request: Request, route: Route): Promise<OwnIdentity> {
  const cookies = await presentedCookies(site, request);
  const byCookie = cookies.access !== null || cookies.refresh !== null || cookies.outside != null;
  const presented = presentedToken(request.headers);
  if (presented) {
    // Two credentials in one request: whoever reads the other one is the one that gets fooled.
    if (byCookie) return refused("invalid_request", { byCookie });
    return byBearer(site, presented, request, route);
  }
  if (!byCookie) return { kind: "anonymous", byCookie, writes: clearStray(site, cookies) };
  if (needsSameOrigin(request) && !isSameOrigin(request, site.origin)) return refused("cross_origin", { byCookie });
  return identifyByCookie(site, cookies, route);
}

/** The refresh, whoever asks for it: the endpoint, or a request that needs a fresh access token. */
export type Refreshed =
  | { readonly kind: "pair"; readonly pair: TokenPair; readonly writes: CookieWrites }
  | { readonly kind: "signed-out"; readonly writes: CookieWrites | null }
  | { readonly kind: "refused"; readonly code: EdgeErrorCode; readonly retryAfter: number | undefined };

export async function refreshByCookie(site: Site, cookies: PresentedCookies): Promise<Refreshed> {
  const presented = cookies.refresh;
  if (presented === null && cookies.outside) return unopened(site, cookies.outside);
  if (presented === null || wasLoggedOut(presented, cookies)) {
    return { kind: "signed-out", writes: clearStray(site, cookies) };
  }
  const begun = site.now();
  let answer: TokenPair | Refusal;
  try {
    answer = await site.sessions.refresh(presented, { transport: "cookie" });
  } catch (cause) {
    site.emit({ type: "unavailable", during: "refresh", cause });
    return { kind: "refused", code: "temporarily_unavailable", retryAfter: undefined };
  }
  if (answer.ok) return { kind: "pair", pair: answer, writes: await pairWrites(site, answer, presented, begun) };
  // Only what is definitive signs out. A store that is away, a key that has not arrived yet: the cookie stays.
  if (answer.retryable || answer.error === "temporarily_unavailable") {
    return { kind: "refused", code: "temporarily_unavailable", retryAfter: answer.retryAfter };
  }
  // The refresh token is dead for good. Cookies that stayed would make every later request ask the store in vain.
  if (answer.error === "invalid_grant") return { kind: "signed-out", writes: { at: begun, lines: clearAll(site.jar) } };
  return { kind: "refused", code: answer.error, retryAfter: undefined };
}

/** Keeps a refresh cookie whose key is not here, until that key is retired or the token's time is over. */
export function unopened(site: Site, { kid, exp, retired }: Outside): Refreshed {
  const isOver = retired || exp <= site.now();
  site.emit({ type: isOver ? "retired_kid" : "unknown_kid", kid });
  return isOver
    ? { kind: "signed-out", writes: { at: site.now(), lines: clearAll(site.jar) } }
    : { kind: "refused", code: "temporarily_unavailable", retryAfter: undefined };
}

async function identifyByCookie(site: Site, cookies: PresentedCookies, route: Route): Promise<OwnIdentity> {
  const byCookie = true;
  if (cookies.access !== null && !wasLoggedOut(cookies.access, cookies)) {
    const checked = await verify(site, cookies.access, route);
    if (checked.ok) {
      const known = { kind: "known", claims: checked.claims, token: cookies.access, byCookie, writes: null } as const;
      if (cookies.refresh === null || !nearlyExpired(checked.claims, site.now())) return known;
      const early = await fresh(site, cookies, route);
      // The refresh was early, so there is no hurry: the next request tries again.
      return early.kind === "refused" && early.code === "temporarily_unavailable" ? known : early;
    }
    // A lack of scope is not cured by a refresh, and neither is a store that is away.
    if (checked.error !== "invalid_token") return refused(checked.error, { byCookie, scope: route.scope });
  }
  return fresh(site, cookies, route);
}

async function fresh(site: Site, cookies: PresentedCookies, route: Route): Promise<OwnIdentity> {
  const byCookie = true;
  const refreshed = await refreshByCookie(site, cookies);
  if (refreshed.kind === "signed-out") return { kind: "anonymous", byCookie, writes: refreshed.writes };
  if (refreshed.kind === "refused") return refused(refreshed.code, { byCookie, retryAfter: refreshed.retryAfter });
  const { pair, writes } = refreshed;
  // The refresh has happened, so its cookies go out with the refusal. The browser would else hold a spent token.
  if (route.scope !== undefined && !allows(pair.claims.scope, route.scope)) {
    return refused("insufficient_scope", { byCookie, scope: route.scope, writes });
  }
  return { kind: "known", claims: pair.claims, token: pair.access, byCookie, writes };
}

/** No cookie of ours is looked at: whoever is signed in here is nobody to another system. */
async function byOthers(judge: Judge, request: Request, { scope }: Route): Promise<Identity> {
  const judged = await judge(request, scope);
  const unwritten = { byCookie: false, writes: null };
  if (judged.kind === "good") return { kind: "other", claims: judged.claims, token: judged.token, ...unwritten };
  const { code, details } = judged;
  return judged.kind === "nobody"
    ? { kind: "anonymous", details, ...unwritten }
    : { kind: "refused", code, details, ...unwritten };
}

async function byBearer(
  site: Site,
  { scheme, token }: PresentedToken,
  request: Request,
  route: Route,
): Promise<OwnIdentity> {
  // A token that is bound to a key is nothing without the proof, and one that is not must not pass for one that is.
  const dpop = scheme === "DPoP" ? proofOf(site.origin, request) : undefined;
  const checked = await verify(site, token, route, dpop);
  if (checked.ok) return { kind: "known", claims: checked.claims, token, byCookie: false, writes: null };
  const { error, dpopNonce } = checked;
  const isAboutProof = error === "invalid_dpop_proof" || error === "use_dpop_nonce";
  return refused(error, {
    byCookie: false,
    scope: route.scope,
    scheme,
    dpopNonce,
    ...(isAboutProof && { status: 401 }),
  });
}

async function verify(site: Site, token: string, route: Route, dpop?: DpopRequest): Promise<Verification> {
  const isPlain = dpop === undefined && route.checkSession !== true;
  // Its signature was right before; when it ends, and what it is for, is asked each time.
  const known = isPlain ? site.verified.get(token) : undefined;
  if (known !== undefined && known.exp > site.now() && (route.scope === undefined || allows(known.scope, route.scope)))
    return { ok: true, claims: known };
  try {
    const checked = await site.sessions.verify(token, {
      ...(route.scope === undefined ? {} : { scope: route.scope }),
      ...(route.checkSession === true ? { checkSession: true } : {}),
      ...(dpop === undefined ? {} : { dpop }),
    });
    // One that is bound to a key is nothing without a proof, which is new each time.
    if (checked.ok && checked.claims.cnf === undefined) site.verified.add(token, checked.claims);
    return checked;
  } catch (cause) {
    site.emit({ type: "unavailable", during: "verify", cause });
    return { ok: false, error: "temporarily_unavailable", status: 503, reason: "ERR_STORE_UNAVAILABLE" };
  }
}

/** A late answer may set the cookies of a session again that its browser has left: it stays left. */
function wasLoggedOut(token: string, cookies: PresentedCookies): boolean {
  if (cookies.out.length === 0) return false;
  const sid = sidOf(token);
  return sid !== null && cookies.out.includes(sid);
}

/**
 * A companion alone, whose tokens the browser lost or has left, says "signed in" to a sign-in page, which sends people
 * on to a page that sends them back.
 */
function clearStray(site: Site, cookies: PresentedCookies): CookieWrites | null {
  const counts = (token: string | null): boolean => token !== null && !wasLoggedOut(token, cookies);
  if (!cookies.companion || counts(cookies.access) || counts(cookies.refresh)) return null;
  return { at: site.now(), lines: [clearCompanion(site.jar)] };
}

/** The session that a token says it is of. */
export function sidOf(token: string): string | null {
  const { sid } = unverifiedClaims(token);
  return typeof sid === "string" ? sid : null;
}

/** A tenth of its life, 30 s at most: a token that runs out on its way to the origin helps nobody. */
function nearlyExpired({ exp, iat }: AccessClaims, now: number): boolean {
  return exp - now <= Math.min(30, Math.floor((exp - iat) / 10));
}

function refused(
  code: EdgeErrorCode,
  { byCookie, writes = null, ...details }: { byCookie: boolean; writes?: CookieWrites | null } & ErrorDetails,
): OwnIdentity {
  return { kind: "refused", code, details, byCookie, writes };
}
