/** The page's requests to the Worker. The visitor's tokens stay in HttpOnly cookies: nothing here ever holds one. */
import { PACE, type Policy, REPORT, type Report } from "../report.js";

/** The parts of a token, decoded by the Worker: no script can read the cookies that hold them. */
export interface Decoded {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}

/** The answer of `/demo/pair`: the cookies of this browser from inside. */
export interface Inside {
  /** The server's clock, in seconds, not rounded: the page's clocks would jump. */
  readonly now: number;
  /** The rules of the session, and those that a session has which asks for none. */
  readonly policy: Policy;
  readonly started: Policy;
  /** Null where the browser has no such cookie, or dropped it when its time was over. */
  readonly access: Decoded | null;
  readonly refresh: Decoded | null;
  /** The copy that the thief holds. */
  readonly loot: Decoded | null;
}

/** An answer of the Worker, whatever its status. */
export interface Answer<Body> {
  readonly status: number;
  readonly ok: boolean;
  /** Null for an empty body, and for one that is not JSON. */
  readonly body: Body | null;
  /** What the edge did; null from the paths that only look. */
  readonly report: Report | null;
}

/** Asks what is in the cookies. */
export function readInside(): Promise<Answer<Inside>> {
  return ask<Inside>("/demo/pair");
}

/**
 * Posts JSON, which the edge takes from its own pages. `pace` is for the sign-in, when no companion names one yet.
 */
export function post<Body = { error?: string }>(path: string, body: object = {}, pace?: string): Promise<Answer<Body>> {
  const headers = { "content-type": "application/json", ...(pace !== undefined && { [PACE]: pace }) };
  return ask<Body>(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Asks the Worker at the pace of the session. Rejects only where no answer comes at all. */
export async function ask<Body = { error?: string }>(path: string, init: RequestInit = {}): Promise<Answer<Body>> {
  const headers = new Headers(init.headers);
  // Every request has to name its pace, since the edge makes its policy of it anew each time.
  const pace = companion()?.pace;
  if (pace !== undefined && !headers.has(PACE)) headers.set(PACE, pace);
  const response = await fetch(path, { ...init, headers });
  // As text first: an answer without a body is not JSON, and no failure either.
  const text = await response.text();
  let body: Body | null = null;
  try {
    body = text === "" ? null : (JSON.parse(text) as Body);
  } catch {
    // Something between here and the Worker answered in its own way; the status says enough.
  }
  return { status: response.status, ok: response.ok, body, report: reportOf(response) };
}

/** The report in an answer's header. The Worker wrote it, so its shape is trusted. */
export function reportOf(response: Response): Report | null {
  const text = response.headers.get(REPORT);
  return text === null ? null : (JSON.parse(text) as Report);
}

/** The cookie that script may read: when the access token was made and ends, who is signed in, and at which pace. */
export function companion(): { iat: number; exp: number; name?: string; pace?: string } | null {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith("session="));
  if (found === undefined) return null;
  try {
    // The edge escapes the value, since cookies can hold neither quotes nor commas.
    return JSON.parse(decodeURIComponent(found.slice("session=".length))) as ReturnType<typeof companion>;
  } catch {
    return null;
  }
}

/** A claim that is a number; null where the token or the claim is missing. */
export function numberOf(decoded: Decoded | null, name: string): number | null {
  const value = decoded?.payload[name];
  return typeof value === "number" ? value : null;
}
