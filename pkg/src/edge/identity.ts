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

/** Who sent a request, and the cookies that must be written whatever happens to it. */
export type Identity = (
  | { readonly kind: "known"; readonly claims: AccessClaims; readonly token: string }
  /** By a token of another system. */
  | { readonly kind: "other"; readonly claims: JwtPayload; readonly token: string }
  /** `details` go into the response when an anonymous request is refused. */
  | { readonly kind: "anonymous"; readonly details?: ErrorDetails }
  | { readonly kind: "refused"; readonly code: EdgeErrorCode; readonly details: ErrorDetails }
) & { readonly byCookie: boolean; readonly writes: CookieWrites | null };

/** The identity behind a request that we judge ourselves. */
export type OwnIdentity = Exclude<Identity, { readonly kind: "other" }>;

/**
 * Decides before anything is forwarded, so that a request and its body are sent only once, whatever the method: an
 * expired access token is refreshed here, not after the origin has refused it.
 */
export async function identify(gate: Gate, request: Request, route: Route): Promise<Identity> {
  const judge = gate.judges.get(route);
  if (judge !== undefined) return byOthers(judge, request, route);
  return hasSessions(gate) ? identifyOwn(gate, request, route) : { kind: "anonymous", byCookie: false, writes: null };
}

/** Identified by our cookies, or by a token that we issued. */
export async function identifyOwn(site: Site, request: Request, route: Route): Promise<OwnIdentity> {
  const cookies = await presentedCookies(site, request);
  const byCookie = cookies.access !== null || cookies.refresh !== null || cookies.outside != null;
  const presented = presentedToken(request.headers);
  if (presented) {
    // Two credentials in one request are refused, because another reader might pick the other one.
    if (byCookie) return refused("invalid_request", { byCookie });
    return byBearer(site, presented, request, route);
  }
  if (!byCookie) return { kind: "anonymous", byCookie, writes: clearStray(site, cookies) };
  if (needsSameOrigin(request) && !isSameOrigin(request, site.origin)) return refused("cross_origin", { byCookie });
  return identifyByCookie(site, cookies, route);
}

/** The outcome of a refresh, for the refresh endpoint and for a request that needs a fresh access token. */
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
  // Only a definitive refusal signs the user out. If the store is down or a key has not arrived yet, the cookie stays.
  if (answer.retryable || answer.error === "temporarily_unavailable") {
    return { kind: "refused", code: "temporarily_unavailable", retryAfter: answer.retryAfter };
  }
  // The refresh token is permanently invalid. If the cookies stayed, every later request would ask the store in vain.
  if (answer.error === "invalid_grant") return { kind: "signed-out", writes: { at: begun, lines: clearAll(site.jar) } };
  return { kind: "refused", code: answer.error, retryAfter: undefined };
}

/** Keeps a refresh cookie whose key this server lacks, until that key is retired or the token has expired. */
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
      // The refresh was early, so nothing is urgent: the next request tries again.
      return early.kind === "refused" && early.code === "temporarily_unavailable" ? known : early;
    }
    // A refresh cures neither a missing scope nor a store that is down.
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
  // The refresh has happened, so its cookies go out with the refusal. Otherwise the browser would keep a spent token.
  if (route.scope !== undefined && !allows(pair.claims.scope, route.scope)) {
    return refused("insufficient_scope", { byCookie, scope: route.scope, writes });
  }
  return { kind: "known", claims: pair.claims, token: pair.access, byCookie, writes };
}

/** Our cookies are ignored: someone who is signed in here is unknown to the other system. */
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
  // A key-bound token is worthless without its proof, and an unbound one must not pass for a bound one.
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
  // The signature was verified earlier; expiry and scope are checked each time.
  const known = isPlain ? site.verified.get(token) : undefined;
  if (known !== undefined && known.exp > site.now() && (route.scope === undefined || allows(known.scope, route.scope)))
    return { ok: true, claims: known };
  try {
    const checked = await site.sessions.verify(token, {
      ...(route.scope === undefined ? {} : { scope: route.scope }),
      ...(route.checkSession === true ? { checkSession: true } : {}),
      ...(dpop === undefined ? {} : { dpop }),
    });
    // A key-bound token is not cached, because it needs a new proof each time.
    if (checked.ok && checked.claims.cnf === undefined) site.verified.add(token, checked.claims);
    return checked;
  } catch (cause) {
    site.emit({ type: "unavailable", during: "verify", cause });
    return { ok: false, error: "temporarily_unavailable", status: 503, reason: "ERR_STORE_UNAVAILABLE" };
  }
}

/** A late answer may restore the cookies of a session after its logout; the logout still counts. */
function wasLoggedOut(token: string, cookies: PresentedCookies): boolean {
  if (cookies.out.length === 0) return false;
  const sid = sidOf(token);
  return sid !== null && cookies.out.includes(sid);
}

/**
 * Clears a companion whose tokens are lost or logged out. It would tell a sign-in page "signed in", and that page would
 * redirect to one that redirects back.
 */
function clearStray(site: Site, cookies: PresentedCookies): CookieWrites | null {
  const counts = (token: string | null): boolean => token !== null && !wasLoggedOut(token, cookies);
  if (!cookies.companion || counts(cookies.access) || counts(cookies.refresh)) return null;
  return { at: site.now(), lines: [clearCompanion(site.jar)] };
}

/** The session identifier that a token claims. */
export function sidOf(token: string): string | null {
  const { sid } = unverifiedClaims(token);
  return typeof sid === "string" ? sid : null;
}

/** Within a tenth of its life, at most 30 s, of expiry: a token that expires on its way to the origin is useless. */
function nearlyExpired({ exp, iat }: AccessClaims, now: number): boolean {
  return exp - now <= Math.min(30, Math.floor((exp - iat) / 10));
}

function refused(
  code: EdgeErrorCode,
  { byCookie, writes = null, ...details }: { byCookie: boolean; writes?: CookieWrites | null } & ErrorDetails,
): OwnIdentity {
  return { kind: "refused", code, details, byCookie, writes };
}
