/**
 * The edge's own responses: one error format (RFC 6749 §5.2), never cacheable, and never more detailed than the class
 * of the error. The cause goes into events, so that responses are no oracle.
 */
export type EdgeErrorCode =
  | "invalid_request"
  | "invalid_grant"
  | "invalid_scope"
  | "invalid_client"
  | "unsupported_grant_type"
  | "invalid_dpop_proof"
  | "use_dpop_nonce"
  | "invalid_token"
  | "insufficient_scope"
  | "cross_origin"
  | "method_not_allowed"
  | "too_large"
  | "not_found"
  | "too_many_requests"
  | "bad_gateway"
  | "server_error"
  | "temporarily_unavailable";

interface ErrorShape {
  readonly status: number;
  readonly error: string;
  readonly description: string;
}

/**
 * One exhaustive mapping. `invalid_grant` is 401 here although a token endpoint answers 400: pages call these endpoints
 * by cookie, and a page, a rate limiter or a person with developer tools looks for 401.
 */
const ERRORS: Record<EdgeErrorCode, ErrorShape> = {
  invalid_request: { status: 400, error: "invalid_request", description: "The request cannot be understood." },
  invalid_grant: {
    status: 401,
    error: "invalid_grant",
    description: "Sign in again: the credentials were not accepted.",
  },
  invalid_scope: {
    status: 400,
    error: "invalid_scope",
    description: "The scope is unknown, or exceeds what was granted.",
  },
  invalid_client: { status: 401, error: "invalid_client", description: "Client authentication failed." },
  unsupported_grant_type: {
    status: 400,
    error: "unsupported_grant_type",
    description: "Only the grant type refresh_token is supported.",
  },
  invalid_dpop_proof: {
    status: 400,
    error: "invalid_dpop_proof",
    description: "The DPoP proof was not accepted.",
  },
  use_dpop_nonce: { status: 400, error: "use_dpop_nonce", description: "The DPoP proof needs another nonce." },
  invalid_token: { status: 401, error: "invalid_token", description: "A valid session is required." },
  insufficient_scope: {
    status: 403,
    error: "insufficient_scope",
    description: "The session lacks a scope that this request needs.",
  },
  cross_origin: {
    status: 403,
    error: "invalid_request",
    description: "With a cookie, only pages of this origin may make this request.",
  },
  method_not_allowed: { status: 405, error: "invalid_request", description: "This method is not allowed." },
  too_large: { status: 413, error: "invalid_request", description: "The body is too large." },
  too_many_requests: {
    status: 429,
    error: "temporarily_unavailable",
    description: "Too many requests. Try again later.",
  },
  not_found: { status: 404, error: "invalid_request", description: "There is nothing here." },
  bad_gateway: { status: 502, error: "temporarily_unavailable", description: "The origin did not answer." },
  server_error: { status: 500, error: "server_error", description: "The server is not set up for this." },
  temporarily_unavailable: { status: 503, error: "temporarily_unavailable", description: "Try again shortly." },
};

export interface ErrorDetails {
  /** Replaces the default description of the code. */
  readonly description?: string;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  /** The scope that would have sufficed (RFC 6750 §3). */
  readonly scope?: string | undefined;
  /** The methods that a 405 must list (RFC 9110 §15.5.6). */
  readonly allow?: string;
  /** Overrides the status for an endpoint that needs another one than those for pages. */
  readonly status?: 400 | 401;
  /** How the token was presented. Default `Bearer`. */
  readonly scheme?: Scheme | undefined;
  /** The whole challenge, instead of one that names an error. */
  readonly challenge?: string;
  /** The nonce for the next proof of possession. */
  readonly dpopNonce?: string | undefined;
}

/** How access tokens are sent: alone, or with a proof that the sender holds their key (RFC 9449 §7.1). */
export type Scheme = "Bearer" | "DPoP";

export function errorResponse(code: EdgeErrorCode, details: ErrorDetails = {}): Response {
  const { error, description } = ERRORS[code];
  const status = details.status ?? ERRORS[code].status;
  const headers = new Headers(JSON_NO_STORE);
  // In whole seconds (RFC 9110 §10.2.3), and at least one: with 0 a client would retry at once.
  if (status === 503 || status === 429)
    headers.set("retry-after", String(Math.max(1, Math.ceil(details.retryAfter ?? 1))));
  if (details.allow !== undefined) headers.set("allow", details.allow);
  if (details.dpopNonce !== undefined) headers.set("dpop-nonce", details.dpopNonce);
  const challenge = details.challenge ?? challengeOf(code, status, details);
  if (challenge !== null) headers.set("www-authenticate", challenge);
  const body = { error, error_description: details.description ?? description };
  return new Response(JSON.stringify(body), { status, headers });
}

export function jsonResponse(body: object, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: JSON_NO_STORE });
}

export function redirectResponse(location: string, status: 302 | 303): Response {
  return new Response(null, { status, headers: { location, "cache-control": "no-store" } });
}

/** RFC 6750 §3 and RFC 9449 §7.1: a 401 names the scheme, and the required scope if that is the problem. */
function challengeOf(code: EdgeErrorCode, status: number, { scheme = "Bearer", scope }: ErrorDetails): string | null {
  if (code === "invalid_client") return 'Basic realm="clients"';
  // The endpoints for pages take no access token, so their challenge reports no token error.
  if (status === 401) return code === "invalid_grant" ? scheme : `${scheme} error="${ERRORS[code].error}"`;
  if (code !== "insufficient_scope") return null;
  return `${scheme} error="insufficient_scope"${scope === undefined ? "" : `, scope="${scope.replace(/["\\]/g, "")}"`}`;
}

const JSON_NO_STORE = {
  "content-type": "application/json",
  "cache-control": "no-store",
  // RFC 6749 §5.1 requires it beside no-store, for caches from before HTTP/1.1.
  pragma: "no-cache",
};
