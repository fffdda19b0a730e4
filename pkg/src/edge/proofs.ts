import type { DpopRequest } from "../session/index.js";
import type { Site } from "./context.js";

/** The proof of possession that came with a request, at the address that its sender knows (RFC 9449 §4.3). */
export function proofOf(site: Site, request: Request): DpopRequest {
  const { pathname } = new URL(request.url);
  return { proof: request.headers.get("dpop"), method: request.method, url: site.origin + pathname };
}
