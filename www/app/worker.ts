/** The page's requests to the Worker. The visitor's tokens stay in HttpOnly cookies: nothing here ever holds one. */
import { PACE, type Policy, REPORT, type Report } from "../report.js";

/** The parts of a token, decoded by the Worker: no script can read the cookies that hold them. */
export interface Decoded {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}

/** The answer of `/demo/pair`: the contents of this browser's cookies. */
export interface Inside {
  /** The server's clock in seconds, not rounded, because rounding would make the page's clocks jump. */
  readonly now: number;
  /** The policy of this session, and the default policy. */
  readonly policy: Policy;
  readonly started: Policy;
  /** Null if the browser has no such cookie, or dropped it when it expired. */
  readonly access: Decoded | null;
  readonly refresh: Decoded | null;
  /** The thief's copy. */
  readonly loot: Decoded | null;
}

/** A response of the Worker, whatever its status. */
export interface Answer<Body> {
  readonly status: number;
  readonly ok: boolean;
  /** Null for an empty body, and for a body that is not JSON. */
  readonly body: Body | null;
  /** What the edge did; null for the paths that only read state. */
  readonly report: Report | null;
}

/** Asks what is in the cookies. */
export function readInside(): Promise<Answer<Inside>> {
  return ask<Inside>("/demo/pair");
}

/**
 * Posts JSON, which the edge accepts from its own pages. `pace` is for the sign-in, when no companion cookie names a
 * pace yet.
 */
export function post<Body = { error?: string }>(path: string, body: object = {}, pace?: string): Promise<Answer<Body>> {
  const headers = { "content-type": "application/json", ...(pace !== undefined && { [PACE]: pace }) };
  return ask<Body>(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Asks the Worker at the session's pace. Rejects only if there is no answer at all. */
export async function ask<Body = { error?: string }>(path: string, init: RequestInit = {}): Promise<Answer<Body>> {
  const headers = new Headers(init.headers);
  // Every request must name its pace, because the edge derives its policy from it each time.
  const pace = companion()?.pace;
  if (pace !== undefined && !headers.has(PACE)) headers.set(PACE, pace);
  const response = await fetch(path, { ...init, headers });
  // Read as text first: an answer without a body is not JSON, and is not an error either.
  const text = await response.text();
  let body: Body | null = null;
  try {
    body = text === "" ? null : (JSON.parse(text) as Body);
  } catch {
    // Something between here and the Worker answered in its place; the status says enough.
  }
  return { status: response.status, ok: response.ok, body, report: reportOf(response) };
}

/** The report in an answer's header. The Worker wrote it, so its shape is trusted. */
export function reportOf(response: Response): Report | null {
  const text = response.headers.get(REPORT);
  return text === null ? null : (JSON.parse(text) as Report);
}

/** The cookie that script may read: when the access token was made and expires, who is signed in, and at which pace. */
export function companion(): { iat: number; exp: number; name?: string; pace?: string } | null {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith("session="));
  if (found === undefined) return null;
  try {
    // The edge escapes the value, because cookies can contain neither quotes nor commas.
    return JSON.parse(decodeURIComponent(found.slice("session=".length))) as ReturnType<typeof companion>;
  } catch {
    return null;
  }
}

/** A numeric claim; null if the token or the claim is missing. */
export function numberOf(decoded: Decoded | null, name: string): number | null {
  const value = decoded?.payload[name];
  return typeof value === "number" ? value : null;
}
