// One JSON document from a server that may be slow, broken or hostile.

import { withTimeout } from "../core/timeout.js";
import { keysError } from "./errors.js";

/** A hundred keys are far below 1 MiB. A hostile or broken server must not fill the memory. */
const MAX_BYTES = 1 << 20;

/** A function like the host's `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A document, and for how many seconds it is fresh (RFC 9111). */
export interface Fetched {
  readonly value: unknown;
  readonly maxAge: number;
}

/** An error of the issuer, not of the token: the token may be good, so a server answers 503 and not 401. */
export function unavailable(why: string, cause?: unknown): Error {
  return keysError("ERR_KEYS_UNAVAILABLE", `cannot get the issuer's keys: ${why}`, cause);
}

/**
 * Only https, and http on this machine; no credentials in the URL, which would end up in logs and events. A mistake is
 * an `ERR_JWT_OPTIONS`.
 */
export function checkedUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw keysError("ERR_JWT_OPTIONS", "the address must be a URL");
  }
  // Nobody else is on the way to loopback. Other names may resolve to anything, so they do not count.
  const local = url.protocol === "http:" && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if ((url.protocol !== "https:" && !local) || url.username !== "" || url.password !== "")
    throw keysError("ERR_JWT_OPTIONS", "the address must be https, without credentials");
  return url.href;
}

/**
 * Fetches JSON within `timeout` seconds, body included. Redirects, any status but 200, and bodies over 1 MiB are
 * refused. The content type is not trusted, so it is not looked at. Every failure is an `ERR_KEYS_UNAVAILABLE`.
 */
export async function fetchJson(url: string, timeout: number, fetcher: Fetch): Promise<Fetched> {
  const abort = new AbortController();
  try {
    return await withTimeout(read(url, abort.signal, fetcher), timeout, () => {
      // Closes the connection too: a body that trickles for ever would otherwise be read on.
      abort.abort();
      throw unavailable(`no answer within ${timeout} s`);
    });
  } catch (error) {
    throw (error as { code?: unknown }).code === "ERR_KEYS_UNAVAILABLE"
      ? error
      : unavailable("the fetch failed", error);
  }
}

async function read(url: string, signal: AbortSignal, fetcher: Fetch): Promise<Fetched> {
  // "error" is unknown to Workers; with "manual" a redirect is an answer with another status than 200. A redirect is
  // refused because it would let another host name the keys.
  const init: RequestInit = { headers: { accept: "application/json" }, redirect: "manual", signal };
  const answer = await fetcher(url, init);
  if (answer.status !== 200) {
    // An unread body would hold the connection, of which Workers have few.
    await answer.body?.cancel();
    throw unavailable(`status ${answer.status}`);
  }
  const text = await limitedText(answer);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unavailable("the answer is not JSON");
  }
  return { value, maxAge: maxAge(answer.headers) };
}

/**
 * The body as text. The bytes are counted as they arrive: Content-Length may lie, and compression may hide a large body
 * in a small one.
 */
async function limitedText(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MAX_BYTES) {
      await reader.cancel();
      throw unavailable("the answer is over 1 MiB");
    }
    // A character may lie across two chunks.
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * Seconds that an answer stays fresh: `max-age` less `Age` (RFC 9111 section 4.2), within 5 minutes and 24 hours; 10
 * minutes if unsaid. Less would put the issuer on the way of nearly every token, and more would keep a withdrawn key in
 * use.
 */
function maxAge(headers: Headers): number {
  const control = headers.get("cache-control") ?? "";
  // Taken at its word, such a header would cost a fetch for every token.
  if (/\bno-(store|cache)\b/i.test(control)) return 300;
  const said = /(?:^|[\s,])max-age="?(\d{1,10})/i.exec(control)?.[1];
  const age = Number(/^\d{1,10}$/.exec(headers.get("age") ?? "0")?.[0] ?? 0);
  return said === undefined ? 600 : Math.min(Math.max(Number(said) - age, 300), 86_400);
}
