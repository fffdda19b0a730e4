import type { Site } from "./context.js";
import { type PresentedCookies, readCookies } from "./cookies.js";

/** The tokens that the cookies of a request hold: of one that was sealed by a key that is not here, what its outside says. */
export async function presentedCookies(site: Site, request: Request): Promise<PresentedCookies> {
  const { names } = site.jar;
  const { access, refresh, out } = readCookies(request.headers.get("cookie"), names);
  const opened = refresh === null ? null : await site.seal.open(names.refresh, refresh);
  return {
    access: access === null ? null : await site.seal.open(names.access, access),
    refresh: opened,
    outside: refresh !== null && opened === null ? await site.seal.outside(refresh) : null,
    out,
  };
}
