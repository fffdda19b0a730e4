// Which endpoint a path is, and who answers it.

import type { Site } from "./context.js";
import { answerPage } from "./endpoints.js";
import { metadata, publicKeys } from "./metadata.js";
import { introspect, revoke, token } from "./oauth.js";
import type { EdgeAuthOptions, Endpoint, Paths } from "./options.js";
import { answered } from "./proxy.js";
import { companion, sessions } from "./session-list.js";

const DEFAULT_PATHS: Paths = {
  login: "/auth/login",
  refresh: "/auth/refresh",
  logout: "/auth/logout",
  session: "/auth/session",
  sessions: "/auth/sessions",
  token: "/auth/token",
  revoke: "/auth/revoke",
  introspect: "/auth/introspect",
  // RFC 8615 reserves `/.well-known/` for such documents. The name of the metadata is fixed by RFC 8414 §3.
  jwks: "/.well-known/jwks.json",
  metadata: "/.well-known/oauth-authorization-server",
};

/** @throws TypeError for endpoints that do not exist, and for paths that are not paths or are taken. */
export function endpointPaths<Env>({ paths: given = {}, introspection }: EdgeAuthOptions<Env>): Map<string, Endpoint> {
  const paths = new Map<string, Endpoint>();
  for (const [endpoint, path] of Object.entries({ ...DEFAULT_PATHS, ...given }) as [Endpoint, string | null][]) {
    if (!Object.hasOwn(DEFAULT_PATHS, endpoint)) {
      throw new TypeError(
        `edgeAuth: paths has no endpoint "${endpoint}": it knows ${Object.keys(DEFAULT_PATHS).join(", ")}`,
      );
    }
    if (path === null || (endpoint === "introspect" && introspection === undefined)) continue;
    if (!/^\/[^?#]*$/.test(path) || paths.has(path)) {
      throw new TypeError(`edgeAuth: paths.${endpoint} must be a path such as "/auth", shared with no other endpoint`);
    }
    paths.set(path, endpoint);
  }
  return paths;
}

/** Answers at an endpoint. The answers to pages come apart from their cookies, which are put on here. */
export async function answer<Env>(
  endpoint: Endpoint,
  paths: ReadonlyMap<string, Endpoint>,
  site: Site,
  request: Request,
  env: Env,
  options: EdgeAuthOptions<Env>,
): Promise<Response> {
  switch (endpoint) {
    case "session":
      return companion(site, request);
    case "sessions":
      return sessions(site, request);
    case "token":
      return token(site, request);
    case "revoke":
      return revoke(site, request);
    case "introspect":
      return introspect(site, request);
    case "jwks":
      return publicKeys(site, request);
    case "metadata":
      return metadata(site, request, paths);
    default: {
      const { response, writes } = await answerPage(endpoint, site, request, env, options);
      return answered(response, site, writes ?? null);
    }
  }
}
