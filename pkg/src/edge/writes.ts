import type { AccessClaims, TokenPair } from "../session/index.js";
import type { Site } from "./context.js";
import { companionValue, fits, setCompanion, setToken } from "./cookies.js";

/** Set-Cookie lines that wait for the response, and the second in which they were current. */
export interface CookieWrites {
  readonly at: number;
  readonly lines: readonly string[];
}

/**
 * An origin may take longer than the grace period. A late response would restore cookies that newer ones have replaced,
 * and a burned refresh token in the jar ends the session. So a late response neither sets nor clears cookies: the
 * client comes back with what it has, and recovers.
 */
export function stillTrue(writes: CookieWrites, now: number): boolean {
  return now - writes.at <= MAX_AGE_OF_WRITES;
}

/** `presented` is what the request carried: a refresh cookie is written only if it differs. */
export async function pairWrites(
  site: Site,
  pair: TokenPair,
  presented: string | null,
  begun: number,
): Promise<CookieWrites> {
  const { jar } = site;
  const lines: string[] = [];
  const set = async (cookie: "access" | "refresh", token: string, maxAge: number): Promise<void> => {
    const value = await site.seal.close(jar.names[cookie], token);
    // A browser would silently drop a cookie of this length. The current request is served all the same.
    if (fits(jar.names[cookie], value)) lines.push(setToken(jar, jar.names[cookie], value, maxAge));
    else site.emit({ type: "cookie_too_large", cookie, sub: pair.sub });
  };
  if (pair.refresh !== presented) await set("refresh", pair.refresh, pair.refreshExpiresIn);
  await set("access", pair.access, pair.expiresIn);
  lines.push(setCompanion(jar, companionOf(site, pair.claims), pair.refreshExpiresIn));
  // If the refresh token did not change, only the access token is new, and it was made just now.
  return { at: pair.refreshChanged ? Math.min(begun, pair.handedOutAt) : begun, lines };
}

/**
 * The claims that script may read: when the access token was made and when it expires, by the server's clock, the
 * session that it belongs to, and the claims chosen in the options.
 */
export function companionOf(site: Site, claims: AccessClaims): Record<string, unknown> {
  const { iat, exp, sid, sub } = claims;
  const view: Record<string, unknown> = { iat, exp, sid };
  for (const name of site.companion) {
    if (claims[name] !== undefined) view[name] = claims[name];
  }
  // The companion is too long: the chosen claims are dropped and the times kept, or a page could not tell when to
  // refresh.
  if (fits(site.jar.names.session, companionValue(view))) return view;
  site.emit({ type: "cookie_too_large", cookie: "session", sub });
  return { iat, exp, sid };
}

// In seconds, out of a default grace of 30: the rest covers the way to the browser and its next request.
const MAX_AGE_OF_WRITES = 5;
