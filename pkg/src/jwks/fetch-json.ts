// One JSON document from a server that may be slow, broken or hostile.

import { withTimeout } from "../core/timeout.js";
import { keysError } from "./errors.js";

const MAX_BYTES = 1 << 20;

/** A function like the host's `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A document, and for how many seconds it is fresh (RFC 9111). */
export interface Fetched {
  readonly value: unknown;
  readonly maxAge: number;
}

/** An error of the issuer, not of the token. */
export function unavailable(why: string, cause?: unknown): Error {
  return keysError("ERR_KEYS_UNAVAILABLE", `the issuer's keys cannot be had: ${why}`, cause);
}

/** Only https, and http on this machine; no credentials in the URL. A mistake is an `ERR_JWT_OPTIONS`. */
export function checkedUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw keysError("ERR_JWT_OPTIONS", "the address must be a URL");
  }
  const local = url.protocol === "http:" && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if ((url.protocol !== "https:" && !local) || url.username !== "" || url.password !== "")
    throw keysError("ERR_JWT_OPTIONS", "the address must be https, without credentials");
  return url.href;
}

/**
 * Fetches JSON within `timeout` seconds, body included. Redirects are refused, and so is all but status 200 and more
 * than 1 MiB. The content type is not trusted, and so not looked at.
 */
export async function fetchJson(url: string, timeout: number, fetcher: Fetch): Promise<Fetched> {
  const abort = new AbortController();
  try {
    return await withTimeout(read(url, abort.signal, fetcher), timeout, () => {
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
  // "error" is unknown to Workers; with "manual" a redirect is an answer with another status than 200.
  const init: RequestInit = { headers: { accept: "application/json" }, redirect: "manual", signal };
  const answer = await fetcher(url, init);
  if (answer.status !== 200) {
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
      throw unavailable("the answer is larger than 1 MiB");
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

/** Seconds that an answer stays fresh: `max-age` less `Age`, within 5 minutes and 24 hours; 10 minutes if unsaid. */
function maxAge(headers: Headers): number {
  const control = headers.get("cache-control") ?? "";
  if (/\bno-(store|cache)\b/i.test(control)) return 300;
  const said = /(?:^|[\s,])max-age="?(\d{1,10})/i.exec(control)?.[1];
  const age = Number(/^\d{1,10}$/.exec(headers.get("age") ?? "0")?.[0] ?? 0);
  return said === undefined ? 600 : Math.min(Math.max(Number(said) - age, 300), 86_400);
}
