/**
 * OAuth 2.0 endpoints for clients that hold their tokens themselves, and for the servers that receive those tokens.
 * Cookies are ignored here, so no page can be tricked into a request.
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
  // A token endpoint answers 400 (RFC 6749 §5.2), unlike the endpoints for pages.
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

/** RFC 7009: the holder of a token may end its session. Any other text counts as revoked. */
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
  // 200 for an unknown token too (RFC 7009 §2.2), so that the response does not reveal which tokens exist.
  return new Response(null, { status: 200, headers: { "cache-control": "no-store" } });
}

/**
 * RFC 7662. The response about an inactive token says nothing else (§2.2). An API asks whether to accept a token, and
 * no API may accept a refresh token (§4), so one is described only to a client that sends the hint `refresh_token`.
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
    // The RFC 8693 §2.2.1 name for a token that cannot be used as an access token.
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

/** The parameters of a form, none repeated (RFC 6749 §3.2), or the error response to a body that is not a form. */
async function formOf(site: Site, request: Request): Promise<URLSearchParams | Response> {
  if (request.method !== "POST") return errorResponse("method_not_allowed", { allow: "POST" });
  // Two credentials in one request are refused, because another reader might pick the other one.
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

/** Client authentication (RFC 6749 §2.3.1): by Basic, or in the form. */
async function isKnownClient(site: Site, authorization: string | null, form: URLSearchParams): Promise<boolean> {
  const byForm = [form.get("client_id"), form.get("client_secret")] as const;
  const byBasic = basicOf(authorization);
  // A client must use one method at a time (RFC 6749 §2.3).
  if (byBasic !== null && byForm[1] !== null) return false;
  const [client, secret] = byBasic ?? byForm;
  if (client === null || secret === null) return false;
  const expected = site.introspection.get(client);
  // Compared for an unknown client too, so that response times do not reveal which clients exist.
  return (await areEqual(secret, expected ?? "")) && expected !== undefined;
}

function basicOf(authorization: string | null): readonly [client: string, secret: string] | null {
  const [, encoded] = /^Basic +([\w+/=-]+) *$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return null;
  try {
    const text = atob(encoded);
    const colon = text.indexOf(":");
    // Each half is form-encoded inside Basic (RFC 6749 §2.3.1), so a colon in a secret arrives as %3A.
    const decode = (part: string) => decodeURIComponent(part.replaceAll("+", " "));
    return colon < 0 ? null : [decode(text.slice(0, colon)), decode(text.slice(colon + 1))];
  } catch {
    return null;
  }
}

/** Whether two texts are equal, compared in constant time. */
async function areEqual(one: string, other: string): Promise<boolean> {
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const [left, right] = await Promise.all([digest(one), digest(other)]);
  // Hashed first, so that both sides have the same length and the comparison reveals nothing about where they differ.
  return left.reduce((difference, byte, at) => difference | (byte ^ (right[at] ?? 0)), 0) === 0;
}
