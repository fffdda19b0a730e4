// Node's request as the web `Request` that the edge takes, and which of its headers to trust.

import { errorResponse } from "../edge/responses.js";
import { bodyOf } from "./body.js";
import type { NodeRequest, NodeResponse } from "./messages.js";
import { headersOf } from "./raw-headers.js";

/**
 * The request at its public address, or the error response if it has none.
 *
 * The public address is the `origin` of `edgeAuth`; if that is a list, the Host header selects one. Without `origin`
 * only http on loopback is served, because Host and X-Forwarded-Host cannot be trusted.
 */
export function toRequest(
  request: NodeRequest,
  response: Pick<NodeResponse, "once" | "writableFinished">,
  origins: readonly string[],
  upgrade?: string,
): Request | Response {
  const origin = publicOrigin(request, origins);
  if (origin === undefined) {
    const description =
      origins.length > 0
        ? "There is no site at this address."
        : 'In Node, set the public origin in the options of edgeAuth, such as origin: "https://app.example".';
    return errorResponse("invalid_request", { description });
  }
  const target = targetOf(request);
  if (target === undefined) return errorResponse("invalid_request");
  const { method = "GET" } = request;
  // `Request` throws for these methods, which would look like our error.
  if (UNKNOWN_TO_FETCH.has(method)) return errorResponse("method_not_allowed");
  const hasBody = bringsBody(request);
  if (hasBody && (method === "GET" || method === "HEAD")) {
    return errorResponse("invalid_request", { description: `A ${method} request must not have a body.` });
  }
  const headers = headersOf(request.rawHeaders);
  // The URL already says it, and the client's header may say anything.
  headers.delete("host");
  // It is hop-by-hop and was dropped, but the edge must know that a WebSocket is requested.
  if (upgrade !== undefined) headers.set("upgrade", upgrade);
  const gone = new AbortController();
  // A client that has disconnected needs no response, so the request to the origin is aborted.
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return new Request(origin + target, {
    method,
    headers,
    redirect: "manual",
    signal: gone.signal,
    // Node accepts a stream only with `duplex`, which the DOM types lack.
    ...(hasBody && ({ body: bodyOf(request, () => gone.abort()), duplex: "half" } as { body: ReadableStream })),
  });
}

/** Whether a URL parser leaves the path unchanged: no `..`, no backslash, nothing else that it would rewrite. */
export function asWritten(request: NodeRequest): boolean {
  const target = targetOf(request) ?? "";
  const path = target.split("?", 1)[0];
  return path === new URL(`http://host${target}`).pathname && target === fullTarget(request);
}

/** The client's address, if each of `proxies` proxies has appended its sender's address to X-Forwarded-For. */
export function addressOf(request: NodeRequest, proxies: number): string | undefined {
  const peer = request.socket.remoteAddress;
  if (proxies === 0) return peer;
  const given = request.headers["x-forwarded-for"] ?? "";
  const chain = (Array.isArray(given) ? given.join(",") : given).split(",").map((each) => each.trim());
  // The client itself may have written the entries further left.
  return chain.at(-proxies) || peer;
}

function publicOrigin(request: NodeRequest, origins: readonly string[]): string | undefined {
  if (origins.length === 1) return origins[0];
  const host = (request.headers.host ?? request.headers[":authority"])?.toString().toLowerCase() ?? "";
  // One of our origins or none: a forged Host would otherwise control links and the same-origin check.
  if (origins.length > 1) return origins.find((origin) => new URL(origin).host === host);
  const isSecure = "encrypted" in request.socket;
  return !isSecure && /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/.test(host) ? `http://${host}` : undefined;
}

/** The whole target: under a framework's mount path, `url` holds only the rest. */
function fullTarget(request: NodeRequest): string {
  return (
    ("originalUrl" in request && typeof request.originalUrl === "string" ? request.originalUrl : request.url) ?? ""
  );
}

/**
 * Path and query, also of a target in absolute form (RFC 9112 section 3.2.2). Undefined for any other target, such as
 * `*`.
 */
export function targetOf(request: NodeRequest): string | undefined {
  const target = fullTarget(request);
  if (target.startsWith("/")) return target;
  if (!URL.canParse(target)) return undefined;
  const { pathname, search, protocol } = new URL(target);
  return /^https?:$/.test(protocol) ? pathname + search : undefined;
}

/** Whether there is a body. HTTP/2 marks a request without a body outside the headers. */
function bringsBody(request: NodeRequest): boolean {
  if (request.httpVersionMajor >= 2) {
    const { stream } = request as { stream?: { endAfterHeaders?: boolean } };
    return stream?.endAfterHeaders !== true;
  }
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

const UNKNOWN_TO_FETCH: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);
