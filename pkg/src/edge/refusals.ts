// Why a request does not pass, once it is known whose it is.

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
  /** Open to strangers. */
  readonly isPublic: boolean;
}

/** The answer to a request that may not pass, or null. */
export function refusalOf({ options, site, request, route, identity, isPublic }: Asked): Response | null {
  // Before the question of who asks: 405 says the same to everyone.
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

/** The page where people sign in is open, whatever its route says: else nobody could. */
export function isSignInPage({ signIn }: Pick<EdgeAuthOptions<never>, "signIn">, pathname: string): boolean {
  return signIn !== undefined && pathname === signIn.split(/[?#]/, 1)[0];
}

/** By cookie, a header that no page of another site can send without a preflight; for those who answer to CORS. */
function lacksHeader(name: string | undefined, { byCookie }: Identity, request: Request): boolean {
  return name !== undefined && byCookie && !request.headers.has(name) && !isDocument(request);
}
