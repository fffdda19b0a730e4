// Sends requests to an origin with Node's own client. Node's `fetch` would decompress bodies, and would time out after
// five minutes of silence.

import { type Asked, request as askHttp } from "node:http";
import { request as askHttps } from "node:https";

import { bodyOf, pour } from "./body.js";
import { headersOf } from "./raw-headers.js";

/**
 * Sends a request to an origin by address. The body passes unchanged in both directions, and redirects are not
 * followed.
 */
export function askByHttp(request: Request): Promise<Response> {
  return attempt(request, false);
}

/** Sends the request, and retries once if that is safe. */
function attempt(request: Request, isSecondTry: boolean): Promise<Response> {
  const url = new URL(request.url);
  const headers = Object.fromEntries(request.headers);
  // With a method such as DELETE, Node would not mark the end of a body of unknown length.
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
      // Drained, so that the connection can be reused.
      if (isEmpty) answer.resume();
      resolve(
        new Response(isEmpty ? null : bodyOf(answer), {
          status: statusCode,
          headers: headersOf(answer.rawHeaders),
        }),
      );
    });
    asked.on("error", (error: Error) => {
      // The response broke off. Its body reports that to the reader, and a retry would not help.
      if (isAnswered) return;
      // The origin closed a kept-alive connection at this moment. It has processed nothing yet, so the request may be
      // sent again.
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
    // The client's body broke off. The origin's request is destroyed too, so that a partial body does not look
    // complete.
    asked.destroy(error as Error);
  }
}

/** Statuses without a body: `Response` throws if it is given one. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);
/** Methods that change nothing (RFC 9110 section 9.2.1), so that sending one twice is harmless. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
