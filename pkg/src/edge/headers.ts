/**
 * Headers that are not forwarded: request headers that would tell an origin who the sender is or which address was
 * requested, and response headers that would undo our cookies or store personal responses in shared caches.
 * docs/edge.md prints these lists.
 */

/** Removed from client requests. A star matches any suffix, including none. */
export const DROPPED_FROM_REQUESTS = [
  // Credentials: the edge sets what it has verified itself.
  "authorization",
  "proxy-authorization",
  "dpop",
  // Addresses (RFC 7239 and its forerunners): the edge sets its own, which origins build links from.
  "forwarded",
  "x-forwarded*",
  // Some origins (IIS, Symfony, Envoy) take the path or host from these, although the route guard judged the URL.
  "x-original-*",
  "x-rewrite-url",
  "x-envoy-original-path",
  "x-host",
  // The sender's address, which origins use for rate limits and allow lists.
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "true-client-ip",
  "fastly-client-ip",
  // Identities, in the headers that proxies use to pass them to the applications behind them.
  "x-auth*",
  "x-user*",
  "x-remote-*",
  "x-verified-*",
  // Product headers: Grafana, authentik, Pomerium, Kong, Hasura, Vouch, Okta, SAML and Shibboleth.
  "x-webauth-*",
  "x-authentik-*",
  "x-pomerium-*",
  "x-consumer-*",
  "x-anonymous-consumer",
  "x-credential-*",
  "x-hasura-*",
  "x-vouch-*",
  "x-okta-*",
  "x-sso-*",
  "x-saml-*",
  "x-shib-*",
  "shib-*",
  // Tailscale, mod_auth_openidc, and the access proxies of Cloudflare, AWS, Google and Azure.
  "tailscale-*",
  "oidc-*",
  "x-oidc-*",
  "cf-access-*",
  "x-amzn-oidc-*",
  "x-goog-*",
  "x-appengine-user-*",
  "x-endpoint-api-userinfo",
  "x-apigateway-api-userinfo",
  "x-ms-client-*",
  "x-ms-token*",
  // CGI's `REMOTE_USER` and similar names, as headers.
  "remote-*",
  "auth-*",
  "authenticated-*",
  "verified-*",
  // Client certificates, as the TLS terminator forwards them (RFC 9440 has `client-cert`).
  "ssl-client-*",
  "x-ssl-*",
  "x-client-cert*",
  "x-client-dn",
  "client-cert",
  "client-cert-chain",
  // Tokens, and claims extracted from tokens.
  "x-jwt*",
  "x-access-token",
  "x-id-token",
  "x-subject*",
  "x-account*",
  "x-tenant*",
  "x-session*",
  "x-email*",
  "x-role",
  "x-roles",
  "x-role-*",
  "x-group",
  "x-groups",
  "x-group-*",
  "x-scope",
  "x-scopes",
  "x-claims",
  "x-claims-*",
  "x-identity*",
  "x-tandem-*",
] as const;

/** Headers that match a prefix above but are harmless. */
const KEPT: ReadonlySet<string> = new Set(["x-user-agent"]);

/** Each of these would override `Cache-Control` in some cache between here and the browser. */
export const DROPPED_FROM_PRIVATE_RESPONSES = [
  "cdn-cache-control",
  "cloudflare-cdn-cache-control",
  "netlify-cdn-cache-control",
  "netlify-vary",
  "vercel-cdn-cache-control",
  "akamai-cdn-cache-control",
  "akamai-cache-control",
  "edge-control",
  "surrogate-control",
  "x-accel-expires",
  "expires",
] as const;

/**
 * Whether a request header is dropped: it matches the list above or is in `more`, whose names are lower case with
 * dashes.
 */
export function isDropped(name: string, more: ReadonlySet<string>): boolean {
  // CGI and its successors read `X_User_Id` and `X-User-Id` as the same header.
  const dashed = name.toLowerCase().replaceAll("_", "-");
  return (LIST.test(dashed) && !KEPT.has(dashed)) || more.has(dashed);
}

// Anchored at both ends. Header names contain no regular-expression metacharacters.
const LIST = new RegExp(`^(?:${DROPPED_FROM_REQUESTS.map((name) => name.replace("*", ".*")).join("|")})$`);

/** `Clear-Site-Data` without the directives that clear cookies: only the edge signs out. Null when nothing is left. */
export function withoutCookieClearing(clearSiteData: string): string | null {
  const kept = clearSiteData
    .split(",")
    .map((part) => part.trim())
    // "*" means everything, so it is expanded to every directive except cookies.
    .flatMap((part) => (part === '"*"' ? ['"cache"', '"storage"', '"executionContexts"'] : [part]))
    .filter((part) => part !== "" && part !== '"cookies"');
  return kept.length === 0 ? null : [...new Set(kept)].join(", ");
}

/** Keeps the origin's directives for the browser's own cache and drops those for shared caches. */
export function privately(cacheControl: string | null): string {
  const kept = (cacheControl?.match(/[^,"]*(?:"[^"]*"[^,"]*)*/g) ?? [])
    .map((directive) => directive.trim())
    .filter((directive) => directive !== "" && !/^(?:public|private|s-maxage|proxy-revalidate)\b/i.test(directive));
  return ["private", ...kept].join(", ");
}
