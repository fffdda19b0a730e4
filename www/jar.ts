/** The cookies of the demo, and the contents of a token, verified or not. */

import { decode } from "tandem-jwt";
import type { CookieMode } from "tandem-jwt/edge";

/** A token's parts as they were written, whoever wrote them. */
export interface Decoded {
  readonly header: object;
  readonly payload: Record<string, unknown>;
}

/** Reads a token without verifying it, for display only; null for anything that is not a token or holds no object. */
export function inside(token: string | undefined): Decoded | null {
  try {
    const found = token === undefined ? null : decode(token, { complete: true });
    return found === null || typeof found.payload === "string"
      ? null
      : { header: found.header, payload: found.payload };
  } catch {
    return null; // the cookie holds something else
  }
}

/** The names of the edge's cookies, and of the thief's copy. */
export function names(mode: CookieMode): { access: string; refresh: string; loot: string } {
  // The loot cookie has no prefix: its path is not `/`, which `__Host-` requires.
  const prefix = mode === "host" ? "__Host-Http-" : "";
  return { access: `${prefix}access`, refresh: `${prefix}refresh`, loot: "demo-loot" };
}

/** A request's cookies by content. Empty ones are omitted, because a cleared cookie may come back empty. */
export function cookiesOf(request: Request, mode: CookieMode): { access?: string; refresh?: string; loot?: string } {
  const pairs = (request.headers.get("cookie") ?? "").split("; ").map((pair) => pair.split("=", 2));
  // If a name occurs twice, the last one counts here and the first one at the edge. A browser sends ours only once.
  const jar = Object.fromEntries(pairs) as Record<string, string | undefined>;
  const found: { access?: string; refresh?: string; loot?: string } = {};
  for (const [key, name] of Object.entries(names(mode)) as [keyof typeof found, string][]) {
    const value = jar[name];
    if (value) found[key] = value;
  }
  return found;
}
