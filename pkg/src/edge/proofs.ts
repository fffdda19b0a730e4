import type { DpopRequest } from "../session/index.js";

/** The parts of a request that its proof of possession covers. */
export type Proved = Pick<Request, "headers" | "method" | "url">;

/** The proof in a request, for the address that its sender knows (RFC 9449 §4.3). */
export function proofOf(origin: string, { headers, method, url }: Proved): DpopRequest {
  // `htu` has neither query nor fragment (RFC 9449 §4.2).
  return { proof: headers.get("dpop"), method, url: origin + new URL(url).pathname };
}
