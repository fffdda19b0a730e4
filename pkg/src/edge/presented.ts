import type { Site } from "./context.js";
import { type PresentedCookies, readCookies } from "./cookies.js";

/**
 * The tokens in the cookies of a request. If this server lacks the key that sealed a refresh cookie, only its outside
 * is read. The companion of such a cookie is kept until the key arrives.
 */
export async function presentedCookies(site: Site, request: Request): Promise<PresentedCookies> {
  const { names } = site.jar;
  const found = readCookies(request.headers.get("cookie"), names);
  const access = found.access === null ? null : await site.seal.open(names.access, found.access);
  const refresh = found.refresh === null ? null : await site.seal.open(names.refresh, found.refresh);
  const areRead = (access !== null || found.access === null) && (refresh !== null || found.refresh === null);
  return {
    access,
    refresh,
    outside: found.refresh !== null && refresh === null ? await site.seal.outside(found.refresh) : null,
    companion: found.companion && areRead,
    out: found.out,
  };
}
