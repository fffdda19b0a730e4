/**
 * The headers that do not pass: of requests, what would tell an origin who somebody is or where they came in; of
 * responses, what would undo our cookies or put them into caches that people share. docs/edge.md prints these lists.
 */

/** Dropped from what clients send. A star stands for any ending, none included. */
export const DROPPED_FROM_REQUESTS = [
  // Credentials: the edge puts on what it has verified itself.
  "authorization",
  "proxy-authorization",
  "dpop",
  // Addresses (RFC 7239 and its forerunners): the edge sets its own, which origins build links from.
  "forwarded",
  "x-forwarded*",
  // Some origins (IIS, Symfony, Envoy) take the path or the host from these, though the route guard judged the URL.
  "x-original-*",
  "x-rewrite-url",
  "x-envoy-original-path",
  "x-host",
  // The sender's address, by which origins limit and allow.
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "true-client-ip",
  "fastly-client-ip",
  // Identities, as proxies tell them to the applications behind them.
  "x-auth*",
  "x-user*",
  "x-remote-*",
  "x-verified-*",
  // By product: Grafana, authentik, Pomerium, Kong, Hasura, Vouch, Okta, SAML and Shibboleth.
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
  // CGI's `REMOTE_USER` and its kin, as headers.
  "remote-*",
  "auth-*",
  "authenticated-*",
  "verified-*",
  // Client certificates, as the server that ends TLS passes them on (RFC 9440 has `client-cert`).
  "ssl-client-*",
  "x-ssl-*",
  "x-client-cert*",
  "x-client-dn",
  "client-cert",
  "client-cert-chain",
  // Tokens, and claims taken out of tokens.
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

/** Headers that only begin like one that is dropped. */
const KEPT: ReadonlySet<string> = new Set(["x-user-agent"]);

/** Each would overrule `Cache-Control` in some cache between here and the browser. */
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

/** Whether a request header is dropped: one of the list above, or of `more`, which are lower case with dashes. */
export function isDropped(name: string, more: ReadonlySet<string>): boolean {
  // CGI and its heirs read `X_User_Id` and `X-User-Id` as one.
  const dashed = name.toLowerCase().replaceAll("_", "-");
  return (LIST.test(dashed) && !KEPT.has(dashed)) || more.has(dashed);
}

// Anchored at both ends. Header names hold no character that would mean something else in a regular expression.
const LIST = new RegExp(`^(?:${DROPPED_FROM_REQUESTS.map((name) => name.replace("*", ".*")).join("|")})$`);

/** `Clear-Site-Data` without what would clear cookies: signing out is for the edge. Null when nothing is left. */
export function withoutCookieClearing(clearSiteData: string): string | null {
  const kept = clearSiteData
    .split(",")
    .map((part) => part.trim())
    // "*" asks for everything, so it is written out without the cookies.
    .flatMap((part) => (part === '"*"' ? ['"cache"', '"storage"', '"executionContexts"'] : [part]))
    .filter((part) => part !== "" && part !== '"cookies"');
  return kept.length === 0 ? null : [...new Set(kept)].join(", ");
}

/** The origin's wishes for the browser's own cache stand; the ones for caches that people share do not. */
export function privately(cacheControl: string | null): string {
  const kept = (cacheControl?.match(/[^,"]*(?:"[^"]*"[^,"]*)*/g) ?? [])
    .map((directive) => directive.trim())
    .filter((directive) => directive !== "" && !/^(?:public|private|s-maxage|proxy-revalidate)\b/i.test(directive));
  return ["private", ...kept].join(", ");
}
