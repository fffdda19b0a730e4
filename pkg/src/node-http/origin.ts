// Asks an origin by Node's own client. Node's `fetch` would decompress bodies, and give up on one that is silent for
// five minutes.

import { type Asked, request as askHttp } from "node:http";
import { request as askHttps } from "node:https";

import { bodyOf, pour } from "./body.js";
import { headersOf } from "./raw-headers.js";

/**
 * Sends a request to an origin by address. The body travels as it is, in both directions, and no redirect is followed.
 */
export function askByHttp(request: Request): Promise<Response> {
  return attempt(request, false);
}

/** Asks once, and once more where that is safe. */
function attempt(request: Request, isSecondTry: boolean): Promise<Response> {
  const url = new URL(request.url);
  const headers = Object.fromEntries(request.headers);
  // With a method such as DELETE Node would not mark where a body of unknown length ends.
  if (request.body !== null && headers["content-length"] === undefined) headers["transfer-encoding"] = "chunked";
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const ask = url.protocol === "https:" ? askHttps : askHttp;
    const asked = ask(url, { method: request.method, headers, signal: request.signal }, (answer) => {
      isAnswered = true;
      const { statusCode = 0 } = answer;
      if (statusCode < 200 || statusCode > 599) {
        asked.destroy();
        return reject(new Error(`the origin answered with status ${statusCode}`));
      }
      const isEmpty = request.method === "HEAD" || EMPTY.has(statusCode);
      // Read to its end, so that the connection can be used again.
      if (isEmpty) answer.resume();
      resolve(
        new Response(isEmpty ? null : bodyOf(answer), {
          status: statusCode,
          headers: headersOf(answer.rawHeaders),
        }),
      );
    });
    asked.on("error", (error: Error) => {
      // The answer broke off. Its body says so to whoever reads it, and asking again would be of no use to anybody.
      if (isAnswered) return;
      // The origin closed a kept connection at this very moment. It has done nothing yet, so the request may be sent
      // again.
      if (asked.reusedSocket && !isSecondTry && request.body === null && SAFE.has(request.method)) {
        resolve(attempt(request, true));
      } else reject(error);
    });
    void upload(request, asked);
  });
}

async function upload(request: Request, asked: Asked): Promise<void> {
  try {
    if (request.body === null || (await pour(request.body, asked))) asked.end();
  } catch (error) {
    // The client broke off. The origin's request is destroyed too, so that half a body does not look whole.
    asked.destroy(error as Error);
  }
}

/** Statuses that have no body: `Response` throws if it is given one. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);
/** Methods that change nothing (RFC 9110 section 9.2.1), so that sending one twice does no harm. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
