/** What the page asks of the Worker. The visitor's tokens stay in HttpOnly cookies: nothing here ever holds one. */
import { PACE, type Policy, REPORT, type Report } from "../report.js";

export interface Decoded {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}

export interface Inside {
  /** The server's clock, in seconds, not rounded: the page's clocks would jump. */
  readonly now: number;
  /** The rules of the session, and those that a session has which asks for none. */
  readonly policy: Policy;
  readonly started: Policy;
  readonly access: Decoded | null;
  readonly refresh: Decoded | null;
  readonly loot: Decoded | null;
}

export interface Answer<Body> {
  readonly status: number;
  readonly ok: boolean;
  readonly body: Body | null;
  readonly report: Report | null;
}

export function readInside(): Promise<Answer<Inside>> {
  return ask<Inside>("/demo/pair");
}

export function post<Body = { error?: string }>(path: string, body: object = {}, pace?: string): Promise<Answer<Body>> {
  const headers = { "content-type": "application/json", ...(pace !== undefined && { [PACE]: pace }) };
  return ask<Body>(path, { method: "POST", headers, body: JSON.stringify(body) });
}

export async function ask<Body = { error?: string }>(path: string, init: RequestInit = {}): Promise<Answer<Body>> {
  const headers = new Headers(init.headers);
  const pace = companion()?.pace;
  if (pace !== undefined && !headers.has(PACE)) headers.set(PACE, pace);
  const response = await fetch(path, { ...init, headers });
  const text = await response.text();
  let body: Body | null = null;
  try {
    body = text === "" ? null : (JSON.parse(text) as Body);
  } catch {
    // Something between here and the Worker answered in its own way; the status says enough.
  }
  return { status: response.status, ok: response.ok, body, report: reportOf(response) };
}

export function reportOf(response: Response): Report | null {
  const text = response.headers.get(REPORT);
  return text === null ? null : (JSON.parse(text) as Report);
}

/** The cookie that script may read: when the access token was made and ends, who is signed in, and at which pace. */
export function companion(): { iat: number; exp: number; name?: string; pace?: string } | null {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith("session="));
  if (found === undefined) return null;
  try {
    return JSON.parse(decodeURIComponent(found.slice("session=".length))) as ReturnType<typeof companion>;
  } catch {
    return null;
  }
}

export function numberOf(decoded: Decoded | null, name: string): number | null {
  const value = decoded?.payload[name];
  return typeof value === "number" ? value : null;
}
