// The edge as a function of Node's request and response.

import type { EdgeAuth, Handled } from "../edge/index.js";
import { errorResponse } from "../edge/responses.js";
import { handOver } from "./hand-over.js";
import type { NodeRequest, NodeResponse, NodeUpgradeHandler } from "./messages.js";
import { askByHttp } from "./origin.js";
import { addressOf, asWritten, toRequest } from "./request.js";
import { send } from "./send.js";
import { upgrader } from "./upgrade.js";

/** The handler that `edgeAuth` of `tandem-jwt/edge` returns. */
export interface Mountable<Env> {
  readonly origins: readonly string[];
  handle(request: never, env: Env): Promise<object>;
}

export interface NodeHandlerOptions<Env> {
  /** The environment passed to the functions of `edgeAuth`. Default: `process.env`. */
  env?: Env;
  /**
   * How many proxies stand in front, each of which appends its sender's address to `X-Forwarded-For`. Used only to find
   * the client's address. Default 0: the address of the connection.
   */
  trustProxy?: number;
  /** Called with the error if a request was answered with 500 because of invalid options. Default: `console.error`. */
  onError?: (error: unknown) => void;
}

/** Fits `http.createServer`, `app.use` of Express, and, by its third parameter, every other framework. */
export interface NodeHandler {
  (request: NodeRequest, response: NodeResponse, next?: () => unknown): Promise<void>;
  /**
   * For WebSockets: `server.on("upgrade", handler.upgrade)`. Routes with an `origin` by address are connected to it.
   */
  readonly upgrade: NodeUpgradeHandler;
}

/**
 * Mounts the whole edge. Endpoints and refusals are answered here; a route with an `origin` is forwarded to it. With
 * `next`, all other requests that may pass go on to the application: `request.auth` then holds the claims (of another
 * system on a route with `tokensOf`) or null, the headers are those that an origin may see, and the edge controls
 * Set-Cookie and Cache-Control of the response.
 *
 * @throws TypeError for invalid options.
 */
export function toNodeHandler<Env>(edge: Mountable<Env>, options: NodeHandlerOptions<Env> = {}): NodeHandler {
  const { trustProxy = 0, onError = console.error, env = processEnv() as Env } = options;
  if (!Number.isSafeInteger(trustProxy) || trustProxy < 0) {
    throw new TypeError("toNodeHandler: trustProxy must be the number of proxies in front, such as 1");
  }
  // A Worker's default export or the options themselves are easily passed by mistake.
  if (!Array.isArray(edge?.origins))
    throw new TypeError("toNodeHandler: the first argument must be what edgeAuth returns");
  // The type `EdgeAuth` needs the DOM types, and programs in Node compile without them.
  const auth = edge as unknown as EdgeAuth<Env>;
  const { origins, handle } = auth;

  /** A response, or a request for the application to answer. */
  async function decide(request: NodeRequest, response: NodeResponse): Promise<Response | Handled> {
    const asked = toRequest(request, response, origins);
    if (asked instanceof Response) return asked;
    const handled = await handle(asked, env, undefined, { address: addressOf(request, trustProxy) });
    if (handled.response !== undefined) return handled.response;
    return handled.forward?.(askByHttp) ?? handled;
  }

  async function answer(request: NodeRequest, response: NodeResponse, next?: () => unknown): Promise<void> {
    try {
      const decided = await decide(request, response);
      if (decided instanceof Response) return await send(decided, response);
      // The application answers what `decide` did not.
      const passed = decided as Exclude<Handled, { response: Response }>;
      if (next === undefined) return await send(passed.finish(errorResponse("not_found")), response);
      // The guard judged the path as a URL parser reads it, so an application that reads the raw path must see the same
      // path.
      if (!asWritten(request)) return await send(passed.finish(errorResponse("invalid_request")), response);
      handOver(passed, request, response);
    } catch (error) {
      onError(error);
      // The status was already sent, and ending normally would make half a response look complete.
      if (response.headersSent) response.destroy();
      else await send(errorResponse("server_error"), response);
      return;
    }
    // Outside the try: an error of the application is for its own framework to handle.
    await next();
  }

  return Object.assign(answer, { upgrade: upgrader(auth, env, trustProxy, onError) });
}

/** The environment of the process, or undefined on a host that has none. */
function processEnv(): unknown {
  const { process } = globalThis as { process?: { env?: unknown } };
  return process?.env ?? {};
}
