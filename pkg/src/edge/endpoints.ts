import { isError, isResponse } from "../core/kinds.js";
import type { IssueRequest, TokenPair } from "../session/index.js";
import { isMalformed, MAX_BODY, readBody } from "./body.js";
import type { Site } from "./context.js";
import { clearAll, fits, type PresentedCookies, setLoggedOut } from "./cookies.js";
import { refreshByCookie, sidOf, unopened } from "./identity.js";
import { tokenResponse } from "./oauth.js";
import type { EdgeAuthOptions, SignIn } from "./options.js";
import { presentedCookies } from "./presented.js";
import { proofOf } from "./proofs.js";
import { errorResponse, jsonResponse, redirectResponse } from "./responses.js";
import { returnPath } from "./return-path.js";
import { isDocument, isSameOrigin } from "./same-origin.js";
import { type CookieWrites, companionOf, pairWrites, stillTrue } from "./writes.js";

/** The response of an endpoint, and the cookies to set with it. */
export interface Answer {
  readonly response: Response;
  readonly writes?: CookieWrites | null;
}

/** The endpoints for pages, which authenticate by cookie. */
export async function answerPage<Env>(
  endpoint: "login" | "refresh" | "logout",
  site: Site,
  request: Request,
  env: Env,
  options: EdgeAuthOptions<Env>,
): Promise<Answer> {
  if (request.method !== "POST") return { response: errorResponse("method_not_allowed", { allow: "POST" }) };
  // Sign-in needs the guard too: without it another site could sign a visitor in to an account of its choice.
  if (!isSameOrigin(request, site.origin)) return { response: errorResponse("cross_origin") };
  // These endpoints authenticate by cookie; a bearer token does not belong here.
  if (request.headers.has("authorization")) return { response: errorResponse("invalid_request") };
  switch (endpoint) {
    case "login":
      return login(site, request, env, options);
    case "refresh":
      return refresh(site, request);
    case "logout":
      return logout(site, request, options.signIn);
  }
}

async function login<Env>(site: Site, request: Request, env: Env, options: EdgeAuthOptions<Env>): Promise<Answer> {
  // Taken before `authenticate` runs, so that any "sign out everywhere" from now on is later than this sign-in.
  const authTime = site.now();
  const body = await readBody(request, MAX_BODY);
  if (body === null) return { response: errorResponse("too_large") };
  // A body can be read once. The application gets this copy; the bytes are kept to tell whose fault a failure is.
  const asked = new Request(request.url, { method: "POST", headers: request.headers, body });

  let who: SignIn | Response | null;
  try {
    who = await options.authenticate(asked, env);
  } catch (cause) {
    return { response: await notAuthenticated(site, cause, request.headers.get("content-type"), body) };
  }
  if (isResponse(who)) return { response: uncached(who) };
  // The application answers null for an unknown user and for a wrong password, so the two are indistinguishable.
  if (who === null) return { response: errorResponse("invalid_grant") };

  const cookies = await presentedCookies(site, request);
  const { sub, claims, scope, acr, device, transport = "cookie" } = who;
  const about = { sub, claims, scope, acr, device, transport, authTime };
  if (transport === "bearer") return loginByBearer(site, request, about, cookies);
  let pair: TokenPair;
  let isTooLong: boolean;
  try {
    pair = await site.sessions.issue(about);
    isTooLong = !fits(site.jar.names.access, await site.seal.close(site.jar.names.access, pair.access));
    // If the browser would drop the new cookie, the new session is revoked and the previous one stays. Otherwise the
    // previous session ends: two people who share a browser must not share a session. This comes after the new session
    // exists, so that a failure leaves the person with one session rather than none.
    await (isTooLong ? site.sessions.revoke(pair.access) : endSessions(site, cookies));
  } catch (cause) {
    return { response: notIssued(site, cause) };
  }
  if (isTooLong) {
    site.emit({ type: "cookie_too_large", cookie: "access", sub: pair.sub });
    return { response: errorResponse("server_error") };
  }

  const back = returnPath(new URL(request.url).searchParams.get("return"), site.origin);
  // 303 makes the browser GET the page (RFC 9110 §15.4.4), so that a reload does not send the password again.
  const response = isDocument(request)
    ? redirectResponse(back, 303)
    : jsonResponse({
        expires_in: pair.expiresIn,
        refresh_expires_in: pair.refreshExpiresIn,
        session: companionOf(site, pair.claims),
        return_to: back,
      });
  return { response, writes: await pairWrites(site, pair, null, authTime) };
}

/** The response when `authenticate` threw. The cause may be the client, the application, or a service that is down. */
async function notAuthenticated(
  site: Site,
  cause: unknown,
  type: string | null,
  body: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  if (await isMalformed(cause, type, body)) return errorResponse("invalid_request");
  // A failed fetch throws a TypeError too; Node sets the reason as its cause.
  const isMistake = isError(cause) && MISTAKES.has(cause.name) && cause.cause === undefined;
  if (isMistake) {
    site.emit({ type: "sign_in_rejected", cause });
    return errorResponse("server_error");
  }
  site.emit({ type: "unavailable", during: "sign-in", cause });
  return errorResponse("temporarily_unavailable");
}

const MISTAKES: ReadonlySet<string> = new Set(["TypeError", "ReferenceError", "RangeError"]);

/** Sign-in for clients that hold their tokens themselves. A DPoP proof in the request binds the session to its key. */
async function loginByBearer(
  site: Site,
  request: Request,
  about: IssueRequest,
  cookies: PresentedCookies,
): Promise<Answer> {
  // A browser that is signed in by cookie and asks for tokens too would hold two sessions that look like one.
  if (cookies.access !== null || cookies.refresh !== null) return { response: errorResponse("invalid_request") };
  try {
    const proof = request.headers.has("dpop") ? { dpop: proofOf(site.origin, request) } : {};
    return { response: tokenResponse(site, await site.sessions.issue({ ...about, ...proof })) };
  } catch (cause) {
    return { response: notIssued(site, cause) };
  }
}

function notIssued(site: Site, cause: unknown): Response {
  const code = isError(cause) && "code" in cause ? cause.code : undefined;
  if (code === "ERR_DPOP_NONCE") return errorResponse("use_dpop_nonce", { dpopNonce: site.sessions.dpopNonce() });
  // The client sent the proof, so a bad one is not the application's mistake.
  if (typeof code === "string" && code.startsWith("ERR_DPOP_")) return errorResponse("invalid_dpop_proof");
  // All sessions of this user were ended while this sign-in was in progress.
  if (code === "ERR_SESSION_REVOKED") return errorResponse("invalid_grant");
  if (code === "ERR_STORE_UNAVAILABLE") {
    site.emit({ type: "unavailable", during: "sign-in", cause });
    return errorResponse("temporarily_unavailable");
  }
  // The result of `authenticate` cannot become a session: it is too large, or it has a reserved claim or a malformed
  // scope.
  site.emit({ type: "sign_in_rejected", cause });
  return errorResponse("server_error");
}

async function refresh(site: Site, request: Request): Promise<Answer> {
  const cookies = await presentedCookies(site, request);
  const refreshed = await refreshByCookie(site, cookies);
  if (refreshed.kind === "refused") {
    return { response: errorResponse(refreshed.code, { retryAfter: refreshed.retryAfter }) };
  }
  if (refreshed.kind === "signed-out") {
    return { response: errorResponse("invalid_grant"), writes: inTime(site, refreshed.writes) };
  }
  // The tokens are in the cookies only; script learns when they end and which session they belong to.
  const { pair } = refreshed;
  const body = {
    expires_in: pair.expiresIn,
    refresh_expires_in: pair.refreshExpiresIn,
    session: companionOf(site, pair.claims),
  };
  return { response: jsonResponse(body), writes: inTime(site, refreshed.writes) };
}

/** A slow store delays answers just as a slow origin does. */
function inTime(site: Site, writes: CookieWrites | null): CookieWrites | null {
  return writes !== null && stillTrue(writes, site.now()) ? writes : null;
}

async function logout(site: Site, request: Request, signIn: string | undefined): Promise<Answer> {
  const cookies = await presentedCookies(site, request);
  // The cookies stay while the session cannot be ended: the browser would look signed out while the session lives on.
  const left = cookies.outside ? unopened(site, cookies.outside) : null;
  if (left?.kind === "refused") return { response: errorResponse(left.code) };
  const lines = clearAll(site.jar);
  let ended: string[];
  try {
    ended = await endSessions(site, cookies);
    // Rejects when this server lacks the key: nothing was ended then.
    if (ended.length === 0 && cookies.refresh !== null) await site.sessions.introspectRefresh(cookies.refresh);
  } catch (cause) {
    site.emit({ type: "unavailable", during: "logout", cause });
    return { response: errorResponse("temporarily_unavailable") };
  }
  const out = setLoggedOut(site.jar, [...ended, ...cookies.out]);
  if (ended.length > 0 && out !== null) lines.push(out);
  const response = isDocument(request)
    ? redirectResponse(signIn ?? "/", 303)
    : new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
  return { response, writes: { at: site.now(), lines } };
}

/**
 * Ends the session of the cookies, or both sessions when a late answer mixed the cookies of two. Returns their
 * identifiers.
 */
async function endSessions(site: Site, { refresh, access }: PresentedCookies): Promise<string[]> {
  const names = new Set<string>();
  for (const token of [refresh, access]) {
    if (token === null) continue;
    const sid = sidOf(token);
    if (sid !== null && names.has(sid)) continue;
    // Only a token that we issued names a session: forged ones must not fill the logout cookie.
    const wasOurs = await site.sessions.revoke(token);
    if (wasOurs && sid !== null) names.add(sid);
  }
  return [...names];
}

function uncached(response: Response): Response {
  const copy = new Response(response.body, response);
  copy.headers.set("cache-control", "no-store");
  return copy;
}
