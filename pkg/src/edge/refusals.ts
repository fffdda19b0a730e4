// Why a request is refused, once its sender is known.

import type { Gate } from "./context.js";
import type { Identity } from "./identity.js";
import type { EdgeAuthOptions } from "./options.js";
import { errorResponse, redirectResponse } from "./responses.js";
import { signInLocation } from "./return-path.js";
import type { Route } from "./routes.js";
import { isDocument } from "./same-origin.js";

interface Asked {
  readonly options: Pick<EdgeAuthOptions<never>, "requireHeader" | "signIn">;
  readonly site: Gate;
  readonly request: Request;
  readonly route: Route;
  readonly identity: Identity;
  /** Open to anonymous requests. */
  readonly isPublic: boolean;
}

/** The response to a request that may not pass, or null. */
export function refusalOf({ options, site, request, route, identity, isPublic }: Asked): Response | null {
  // Checked before the identity: a 405 is the same for everyone.
  if (route.methods?.includes(request.method) === false) {
    return errorResponse("method_not_allowed", { allow: route.methods.join(", ") });
  }
  if (lacksHeader(options.requireHeader, identity, request)) return errorResponse("cross_origin");
  if (identity.kind === "refused") return errorResponse(identity.code, identity.details);
  if (identity.kind !== "anonymous" || isPublic) return null;
  // Signing in here gives nobody a token of another system.
  if (route.tokensOf !== undefined) return errorResponse("invalid_token", identity.details);
  if (options.signIn === undefined || !isDocument(request)) return errorResponse("invalid_token");
  const location = signInLocation(options.signIn, request, site.origin);
  // 303 after a POST, or the browser would repeat it at the sign-in page (RFC 9110 §15.4.4).
  return redirectResponse(location, request.method === "POST" ? 303 : 302);
}

/** The sign-in page is always open, whatever its route says; otherwise nobody could sign in. */
export function isSignInPage({ signIn }: Pick<EdgeAuthOptions<never>, "signIn">, pathname: string): boolean {
  return signIn !== undefined && pathname === signIn.split(/[?#]/, 1)[0];
}

/**
 * For requests by cookie, on sites that allow CORS: a header that pages of other sites cannot send without a preflight.
 */
function lacksHeader(name: string | undefined, { byCookie }: Identity, request: Request): boolean {
  return name !== undefined && byCookie && !request.headers.has(name) && !isDocument(request);
}
