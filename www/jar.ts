/** The cookies of the demo, and what is inside of a token, verified or not. */

import { decode } from "tandem-jwt";
import type { CookieMode } from "tandem-jwt/edge";

/** A token's parts as they were written, by whomever. */
export interface Decoded {
  readonly header: object;
  readonly payload: Record<string, unknown>;
}

/** Reads a token without verifying it, for showing alone; null for what is not a token, or holds no object. */
export function inside(token: string | undefined): Decoded | null {
  try {
    const found = token === undefined ? null : decode(token, { complete: true });
    return found === null || typeof found.payload === "string"
      ? null
      : { header: found.header, payload: found.payload };
  } catch {
    return null; // somebody put something else into the cookie
  }
}

/** The names that the edge gives its cookies, and that of the thief's copy. */
export function names(mode: CookieMode): { access: string; refresh: string; loot: string } {
  // The loot has no prefix: its path is not `/`, which `__Host-` demands.
  const prefix = mode === "host" ? "__Host-Http-" : "";
  return { access: `${prefix}access`, refresh: `${prefix}refresh`, loot: "demo-loot" };
}

/** The cookies of a request by what they hold. Empty ones are left out, since a cleared cookie may come back empty. */
export function cookiesOf(request: Request, mode: CookieMode): { access?: string; refresh?: string; loot?: string } {
  const pairs = (request.headers.get("cookie") ?? "").split("; ").map((pair) => pair.split("=", 2));
  // Twice the same name: the last one counts here, and the first one at the edge. A browser sends ours once.
  const jar = Object.fromEntries(pairs) as Record<string, string | undefined>;
  const found: { access?: string; refresh?: string; loot?: string } = {};
  for (const [key, name] of Object.entries(names(mode)) as [keyof typeof found, string][]) {
    const value = jar[name];
    if (value) found[key] = value;
  }
  return found;
}
