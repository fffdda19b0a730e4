// The list of a user's sessions, and the ways to end them.

import type { AccessClaims, SessionView } from "../session/index.js";
import type { Site } from "./context.js";
import { clearAll, isSid, setLoggedOut } from "./cookies.js";
import { identifyOwn, type OwnIdentity } from "./identity.js";
import { finished } from "./proxy.js";
import { errorResponse, jsonResponse } from "./responses.js";
import { companionOf } from "./writes.js";

/** Returns the contents of the companion cookie, for clients that cannot read it; `null` for an anonymous request. */
export async function companion(site: Site, request: Request): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return errorResponse("method_not_allowed", { allow: "GET, HEAD" });
  }
  const identity = await identifyOwn(site, request, {});
  if (identity.kind === "refused") return done(errorResponse(identity.code, identity.details), site, identity);
  const session = identity.kind === "known" ? companionOf(site, identity.claims) : null;
  return done(jsonResponse({ session }), site, identity);
}

/**
 * `GET` lists the user's sessions; `DELETE ?sid=…` ends one of them, and `DELETE ?others=true` ends all but this one.
 * The store is asked whether the session of the request is still alive, because a stolen token must not act after its
 * session has ended.
 */
export async function sessions(site: Site, request: Request): Promise<Response> {
  if (request.method !== "GET" && request.method !== "DELETE") {
    return errorResponse("method_not_allowed", { allow: "GET, DELETE" });
  }
  const identity = await identifyOwn(site, request, { checkSession: true });
  if (identity.kind === "refused") return done(errorResponse(identity.code, identity.details), site, identity);
  if (identity.kind === "anonymous") return done(errorResponse("invalid_token"), site, identity);
  try {
    if (request.method === "DELETE") return await end(site, request, identity);
    const views = await site.sessions.list(identity.claims.sub);
    return done(jsonResponse({ sessions: views.map((view) => shown(view, identity.claims)) }), site, identity);
  } catch (cause) {
    site.emit({ type: "unavailable", during: "sessions", cause });
    return done(errorResponse("temporarily_unavailable"), site, identity);
  }
}

async function end(site: Site, request: Request, identity: OwnIdentity & { kind: "known" }): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const { sub, sid: own } = identity.claims;
  const sid = searchParams.get("sid");
  if (sid === null) {
    if (searchParams.get("others") !== "true") return done(errorResponse("invalid_request"), site, identity);
    // The session of the request stays: a user who finds a stranger in the list wants to stay signed in.
    await site.sessions.revokeAll(sub, { except: own });
    return done(noContent(), site, identity);
  }
  // Sessions of other users are not found under this user.
  if (!isSid(sid) || !(await site.sessions.revokeSession(sub, sid))) {
    return done(errorResponse("not_found"), site, identity);
  }
  // Ending one's own session is signing out, so the cookies go, and a late answer must not bring them back.
  if (sid !== own || !identity.byCookie) return done(noContent(), site, identity);
  const out = setLoggedOut(site.jar, [own]);
  const lines = [...clearAll(site.jar), ...(out === null ? [] : [out])];
  return done(noContent(), site, { byCookie: true, writes: { at: site.now(), lines } });
}

function shown(view: SessionView, { sid }: AccessClaims): object {
  return {
    sid: view.sid,
    current: view.sid === sid,
    device: view.device,
    created_at: view.createdAt,
    refreshed_at: view.refreshedAt,
    expires_at: view.expiresAt,
    absolute_expires_at: view.absoluteExpiresAt,
    transport: view.transport,
    scope: view.scope,
    acr: view.acr,
    auth_time: view.authTime,
  };
}

function done(response: Response, site: Site, identity: Pick<OwnIdentity, "byCookie" | "writes">): Response {
  // Each response is about one person and one moment, so it must not be cached.
  const finishedResponse = finished(response, site, identity, {});
  if (finishedResponse.headers.get("cache-control") === "private, no-store") return finishedResponse;
  const copy = new Response(finishedResponse.body, finishedResponse);
  copy.headers.set("cache-control", "no-store");
  return copy;
}

const noContent = (): Response => new Response(null, { status: 204 });
