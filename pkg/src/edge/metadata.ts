// The public documents of this authorization server: its keys and its metadata.

import { ALGORITHMS } from "../jwt/algorithms.js";
import type { Site } from "./context.js";
import type { Endpoint } from "./options.js";
import { errorResponse } from "./responses.js";

/** The public halves of the access keys (RFC 7517 §5). */
export function publicKeys(site: Site, request: Request): Response {
  return published(request, () => site.sessions.jwks());
}

/** RFC 8414 §2. */
export function metadata(site: Site, request: Request, paths: ReadonlyMap<string, Endpoint>): Response {
  return published(request, () => {
    const url = (wanted: Endpoint): string | undefined => {
      for (const [path, endpoint] of paths) if (endpoint === wanted) return site.origin + path;
      return undefined;
    };
    const introspection = url("introspect");
    // Members that are undefined are left out of JSON.
    return {
      issuer: site.issuer,
      token_endpoint: url("token"),
      revocation_endpoint: url("revoke"),
      introspection_endpoint: introspection,
      // Secrets are never published, so an edge that signs by HMAC publishes no keys.
      jwks_uri: site.sessions.jwks().keys.length > 0 ? url("jwks") : undefined,
      // Required (RFC 8414 §2), and empty: there is no authorization endpoint.
      response_types_supported: [],
      grant_types_supported: ["refresh_token"],
      token_endpoint_auth_methods_supported: ["none"],
      revocation_endpoint_auth_methods_supported: ["none"],
      introspection_endpoint_auth_methods_supported:
        introspection === undefined ? undefined : ["client_secret_basic", "client_secret_post"],
      dpop_signing_alg_values_supported: ALGORITHMS.filter((name) => !name.startsWith("HS")),
    };
  });
}

function published(request: Request, make: () => object): Response {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return errorResponse("method_not_allowed", { allow: "GET, HEAD" });
  }
  return new Response(JSON.stringify(make()), {
    headers: {
      "content-type": "application/json",
      // A new key is published before it signs, so every client refetches the set within this time.
      "cache-control": "public, max-age=300",
      // Public, and the same for everyone: pages of any origin may read it.
      "access-control-allow-origin": "*",
    },
  });
}
