// A request that goes on to the application, in Node's own request and response objects.

import type { Handled } from "../edge/index.js";
import type { NodeRequest, NodeResponse } from "./messages.js";

type Passed = Exclude<Handled, { response: Response }>;
type WriteHead = (status: number, ...rest: unknown[]) => unknown;

/**
 * Gives the request the headers that an origin may see, and lets the edge finish the response's headers before they are
 * sent. Our cookies and all identity headers are removed, so an application cannot trust a client's claims by mistake.
 */
export function handOver(
  { headers, claims, others, finish }: Passed,
  request: NodeRequest,
  response: NodeResponse,
): void {
  const { connection, "transfer-encoding": encoding, host } = request.headers;
  const seen: NodeRequest["headers"] = Object.fromEntries(headers);
  // The site's own host, not the client's header, which may say anything.
  seen.host = headers.get("x-forwarded-host") ?? host?.toString();
  if (connection !== undefined) seen.connection = connection;
  // Body parsers look for this header: without it or a length they assume no body.
  if (encoding !== undefined) seen["transfer-encoding"] = encoding;
  request.headers = seen;
  // Some frameworks read the raw list, which would still hold the removed headers.
  request.rawHeaders = Object.entries(seen).flatMap(([name, value]) =>
    value === undefined ? [] : [name, String(value)],
  );
  Object.assign(request, { auth: claims ?? others });

  // Node and every framework call this before the first byte of a response.
  const patched = response as NodeResponse & { writeHead: WriteHead };
  const { writeHead } = patched;
  patched.writeHead = function (this: NodeResponse, status, ...rest) {
    // Restored at the first call: a second call must fail with Node's own error about headers already sent.
    patched.writeHead = writeHead;
    // Called as `writeHead(status, reason?, headers?)`.
    const given = rest.find((argument) => typeof argument === "object" && argument !== null);
    // Headers passed here bypass `getHeaders`, and could include a Set-Cookie with our names.
    for (const [name, value] of entriesOf(given)) response.setHeader(name, value);
    finishHeaders(response, finish);
    return writeHead.call(this, status, ...rest.filter((argument) => typeof argument === "string"));
  };
}

/**
 * Lets the edge finish the headers that the application set. A header that the edge leaves alone is not set again, so
 * that its form, such as a list of values, is preserved.
 */
function finishHeaders(response: NodeResponse, finish: Passed["finish"]): void {
  const before = new Headers();
  for (const [name, value] of Object.entries(response.getHeaders())) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined) before.append(name, String(each));
    }
  }
  const after = finish(new Response(null, { headers: before })).headers;
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const value = after.get(name);
    if (value === null) response.removeHeader(name);
    else if (name === "set-cookie") response.setHeader(name, after.getSetCookie());
    else if (value !== before.get(name)) response.setHeader(name, value);
  }
}

/** Headers in any form that `writeHead` accepts: an object, a flat list of names and values, or a list of pairs. */
function entriesOf(given: unknown): [name: string, value: string | string[]][] {
  const text = (value: unknown): string | string[] => (Array.isArray(value) ? value.map(String) : String(value));
  if (!Array.isArray(given)) {
    return Object.entries(given ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, text(value)]]));
  }
  const flat: unknown[] = given.every(Array.isArray) ? given.flat(1) : given;
  const byName = new Map<string, string | string[]>();
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = String(flat[at]).toLowerCase();
    const value = text(flat[at + 1]);
    const earlier = byName.get(name);
    byName.set(name, earlier === undefined ? value : [earlier, value].flat());
  }
  return [...byName];
}
