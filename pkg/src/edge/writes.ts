import type { AccessClaims, TokenPair } from "../session/index.js";
import type { Site } from "./context.js";
import { companionValue, fits, setCompanion, setToken } from "./cookies.js";

/** Set-Cookie lines that wait for the response, and the second in which what they say was true. */
export interface CookieWrites {
  readonly at: number;
  readonly lines: readonly string[];
}

/**
 * An origin may take longer than the grace. A response that leaves late would put cookies back that newer ones have
 * replaced, and a burned refresh token in the jar ends the session. So late ones write nothing, neither set nor clear:
 * the client comes back with what it has, and recovers.
 */
export function stillTrue(writes: CookieWrites, now: number): boolean {
  return now - writes.at <= MAX_AGE_OF_WRITES;
}

/** `presented` is what the request carried: a refresh cookie is only written where it differs from that. */
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
    // Too long for a browser, so it would be dropped there, silently. The request at hand is served all the same.
    if (fits(jar.names[cookie], value)) lines.push(setToken(jar, jar.names[cookie], value, maxAge));
    else site.emit({ type: "cookie_too_large", cookie, sub: pair.sub });
  };
  if (pair.refresh !== presented) await set("refresh", pair.refresh, pair.refreshExpiresIn);
  await set("access", pair.access, pair.expiresIn);
  lines.push(setCompanion(jar, companionOf(site, pair.claims), pair.refreshExpiresIn));
  // Without a refresh token nothing was handed out but the access token, and that just now.
  return { at: pair.refreshChanged ? Math.min(begun, pair.handedOutAt) : begun, lines };
}

/**
 * What script may know: when the access token was made and ends, by the server's clock, of which session it is, and the
 * claims chosen for it.
 */
export function companionOf(site: Site, claims: AccessClaims): Record<string, unknown> {
  const { iat, exp, sid, sub } = claims;
  const view: Record<string, unknown> = { iat, exp, sid };
  for (const name of site.companion) {
    if (claims[name] !== undefined) view[name] = claims[name];
  }
  // Too long: the chosen claims are dropped and the times kept, or a page could not tell when to refresh.
  if (fits(site.jar.names.session, companionValue(view))) return view;
  site.emit({ type: "cookie_too_large", cookie: "session", sub });
  return { iat, exp, sid };
}

// Seconds, of a grace that is 30 by default: what is left covers the way to the browser and its next request.
const MAX_AGE_OF_WRITES = 5;
