/**
 * The endpoints of OAuth 2.0, for clients that hold their tokens themselves, and for the servers that these are sent
 * to. No cookie counts here, so no page can be made to ask.
 */
import type { SessionView, TokenPair } from "../session/index.js";
import { MAX_BODY, readBody } from "./body.js";
import type { Site } from "./context.js";
import { readCookies } from "./cookies.js";
import { proofOf } from "./proofs.js";
import { type ErrorDetails, errorResponse, jsonResponse } from "./responses.js";

/** RFC 6749 §6, and RFC 9449 §5 for sessions that are bound to a key. */
export async function token(site: Site, request: Request): Promise<Response> {
  const form = await formOf(site, request);
  if (form instanceof Response) return form;
  const refreshToken = form.get("refresh_token");
  const scope = form.get("scope");
  const client = form.get("client_id");
  const grant = form.get("grant_type");
  if (grant !== null && grant !== "refresh_token") return errorResponse("unsupported_grant_type");
  if (grant === null || refreshToken === null) return errorResponse("invalid_request");
  if (client !== null && client !== site.clientId) return errorResponse("invalid_client");
  let answer: Awaited<ReturnType<Site["sessions"]["refresh"]>>;
  try {
    answer = await site.sessions.refresh(refreshToken, {
      ...(scope !== null && { scope }),
      ...(request.headers.has("dpop") && { dpop: proofOf(site.origin, request) }),
    });
  } catch (cause) {
    site.emit({ type: "unavailable", during: "refresh", cause });
    return errorResponse("temporarily_unavailable");
  }
  if (answer.ok) return tokenResponse(site, answer);
  // A token endpoint answers 400 (RFC 6749 §5.2), unlike the endpoints of pages.
  const { error, retryAfter, dpopNonce } = answer;
  const details: ErrorDetails = { retryAfter, dpopNonce, ...(error !== "temporarily_unavailable" && { status: 400 }) };
  return errorResponse(error, details);
}

/** RFC 6749 §5.1. */
export function tokenResponse(site: Site, pair: TokenPair): Response {
  const response = jsonResponse({
    access_token: pair.access,
    token_type: pair.tokenType,
    expires_in: pair.expiresIn,
    refresh_token: pair.refresh,
    refresh_expires_in: pair.refreshExpiresIn,
    scope: pair.scope,
  });
  const nonce = site.sessions.dpopNonce();
  if (nonce !== undefined) response.headers.set("dpop-nonce", nonce);
  return response;
}

/** RFC 7009: whoever holds a token may end its session. Any other text counts as revoked. */
export async function revoke(site: Site, request: Request): Promise<Response> {
  const form = await formOf(site, request);
  if (form instanceof Response) return form;
  const given = form.get("token");
  if (given === null) return errorResponse("invalid_request");
  try {
    await site.sessions.revoke(given);
  } catch (cause) {
    site.emit({ type: "unavailable", during: "logout", cause });
    return errorResponse("temporarily_unavailable");
  }
  // 200 for an unknown token too (RFC 7009 §2.2): the answer tells nobody which tokens exist.
  return new Response(null, { status: 200, headers: { "cache-control": "no-store" } });
}

/**
 * RFC 7662. The answer about an inactive token says nothing else (§2.2). An API asks whether it may take a token, and a
 * refresh token is good at no API (§4), so one is described only to a client that sends the hint `refresh_token`.
 */
export async function introspect(site: Site, request: Request): Promise<Response> {
  const form = await formOf(site, request);
  if (form instanceof Response) return form;
  if (!(await isKnownClient(site, request.headers.get("authorization"), form))) return errorResponse("invalid_client");
  const given = form.get("token");
  if (given === null) return errorResponse("invalid_request");
  try {
    if (form.get("token_type_hint") === "refresh_token") {
      const kept = await site.sessions.introspectRefresh(given);
      if (kept.active) return jsonResponse(refreshTokenOf(site, kept.session));
    }
    const found = await site.sessions.introspect(given);
    if (!found.active) return jsonResponse({ active: false });
    const { claims } = found;
    return jsonResponse({ ...claims, active: true, token_type: claims.cnf === undefined ? "Bearer" : "DPoP" });
  } catch (cause) {
    site.emit({ type: "unavailable", during: "introspection", cause });
    return errorResponse("temporarily_unavailable");
  }
}

function refreshTokenOf({ issuer, clientId }: Site, session: SessionView): object {
  return {
    active: true,
    // RFC 8693 §2.2.1 has this name for a token that is of no use where access tokens are taken.
    token_type: "N_A",
    iss: issuer,
    client_id: clientId,
    sub: session.sub,
    sid: session.sid,
    scope: session.scope,
    iat: session.refreshedAt,
    exp: session.expiresAt,
    auth_time: session.authTime,
    acr: session.acr,
  };
}

/** The parameters of a form, none of them twice (RFC 6749 §3.2), or the answer to a body that is not a form. */
async function formOf(site: Site, request: Request): Promise<URLSearchParams | Response> {
  if (request.method !== "POST") return errorResponse("method_not_allowed", { allow: "POST" });
  // Two credentials in one request: whoever reads the other one is the one that gets fooled.
  const cookies = readCookies(request.headers.get("cookie"), site.jar.names);
  if (cookies.access !== null || cookies.refresh !== null) return errorResponse("invalid_request");
  const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") return errorResponse("invalid_request");
  const body = await readBody(request, MAX_BODY);
  if (body === null) return errorResponse("too_large");
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const names = [...form.keys()];
  return new Set(names).size === names.length ? form : errorResponse("invalid_request");
}

/** RFC 6749 §2.3.1: by Basic, or by the form. */
async function isKnownClient(site: Site, authorization: string | null, form: URLSearchParams): Promise<boolean> {
  const byForm = [form.get("client_id"), form.get("client_secret")] as const;
  const byBasic = basicOf(authorization);
  // One way at a time (RFC 6749 §2.3).
  if (byBasic !== null && byForm[1] !== null) return false;
  const [client, secret] = byBasic ?? byForm;
  if (client === null || secret === null) return false;
  const expected = site.introspection.get(client);
  // Compared for an unknown client too, so that the time of the answer does not tell which clients exist.
  return (await areEqual(secret, expected ?? "")) && expected !== undefined;
}

function basicOf(authorization: string | null): readonly [client: string, secret: string] | null {
  const [, encoded] = /^Basic +([\w+/=-]+) *$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return null;
  try {
    const text = atob(encoded);
    const colon = text.indexOf(":");
    // Each half is form-encoded inside of Basic (RFC 6749 §2.3.1), so a colon in a secret arrives as %3A.
    const decode = (part: string) => decodeURIComponent(part.replaceAll("+", " "));
    return colon < 0 ? null : [decode(text.slice(0, colon)), decode(text.slice(colon + 1))];
  } catch {
    return null;
  }
}

/** Whether two texts are the same, in a time that says nothing of where they part. */
async function areEqual(one: string, other: string): Promise<boolean> {
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const [left, right] = await Promise.all([digest(one), digest(other)]);
  // Hashed first, so that both sides have one length, and nothing stops at the first byte that differs.
  return left.reduce((difference, byte, at) => difference | (byte ^ (right[at] ?? 0)), 0) === 0;
}
