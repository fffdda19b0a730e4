import type { Site } from "./context.js";
import { type PresentedCookies, readCookies } from "./cookies.js";

/** The tokens that the cookies of a request hold: none of a cookie that was sealed by a key that is not here. */
export async function presentedCookies(site: Site, request: Request): Promise<PresentedCookies> {
  const { names } = site.jar;
  const { access, refresh, out } = readCookies(request.headers.get("cookie"), names);
  return {
    access: access === null ? null : await site.seal.open(names.access, access),
    refresh: refresh === null ? null : await site.seal.open(names.refresh, refresh),
    out,
  };
}
