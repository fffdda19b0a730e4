// The guard of an API as a function of Node's request and response.

import type { Guard } from "../edge/index.js";
import { errorResponse } from "../edge/responses.js";
import type { NodeRequest, NodeResponse } from "./messages.js";
import { headersOf } from "./raw-headers.js";
import { targetOf } from "./request.js";
import { send } from "./send.js";

/** Fits `app.use` of Express, and `app.get` and similar methods ahead of a handler. */
export type NodeGuard = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => unknown,
) => Promise<void>;

/** The Host header cannot be trusted: for proofs of possession the public address is `dpop.origin` of `protect`. */
const NO_HOST = "http://host.invalid";

/**
 * Mounts the guard that `protect` of `tandem-jwt/edge` returns. Requests with a valid token go on, with its claims in
 * `request.auth`; all others are answered here.
 */
export function toNodeGuard(
  guard: (...parameters: never[]) => Promise<object>,
  needs: { scope?: string } = {},
): NodeGuard {
  // The type `Guard` needs the DOM types, and programs in Node compile without them.
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
        // Set only for a valid token, so a handler that finds `auth` need not check again.
        if (guarded.claims !== undefined) Object.assign(request, { auth: guarded.claims });
      }
      if (refusal !== undefined) return await send(refusal, response);
    } catch (error) {
      next(error);
      return;
    }
    // Outside the try, so that an error thrown by `next` does not call it a second time.
    await next();
  };
}
