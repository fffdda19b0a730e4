// The guard of an API as a function of Node's request and response.

import type { Guard } from "../edge/index.js";
import { errorResponse } from "../edge/responses.js";
import type { NodeRequest, NodeResponse } from "./messages.js";
import { headersOf } from "./raw-headers.js";
import { targetOf } from "./request.js";
import { send } from "./send.js";

/** Fits `app.use` of Express, and `app.get` and its like before a handler. */
export type NodeGuard = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => unknown,
) => Promise<void>;

/** Nobody vouches for the header Host: for proofs of possession the public address is `dpop.origin` of `protect`. */
const NO_HOST = "http://host.invalid";

/**
 * Mounts the guard that `protect` of `tandem-jwt/edge` returns. Requests with a good token go on, with its claims in
 * `request.auth`; all others are answered.
 */
export function toNodeGuard(
  guard: (...parameters: never[]) => Promise<object>,
  needs: { scope?: string } = {},
): NodeGuard {
  // The type `Guard` needs the types of browsers, and programs in Node compile without them.
  const judge = guard as unknown as Guard;
  return async (request, response, next) => {
    let refusal: Response | undefined;
    try {
      const target = targetOf(request);
      if (target === undefined) refusal = errorResponse("invalid_request");
      else {
        const { method = "GET", rawHeaders } = request;
        const guarded = await judge({ headers: headersOf(rawHeaders), method, url: NO_HOST + target }, needs);
        refusal = guarded.response;
        // Set only by a good token, so a handler that finds `auth` need not ask again.
        if (guarded.claims !== undefined) Object.assign(request, { auth: guarded.claims });
      }
      if (refusal !== undefined) return await send(refusal, response);
    } catch (error) {
      next(error);
      return;
    }
    // Outside of the try: what `next` throws would otherwise call it a second time.
    await next();
  };
}
