/** What the page asks of the Worker. The tokens stay in HttpOnly cookies: nothing here ever holds one. */
export interface Decoded {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}

export interface Inside {
  /** The server's clock, in seconds, not rounded: the page's clocks would jump. */
  readonly now: number;
  readonly policy: {
    readonly access: string;
    readonly idle: string;
    readonly grace: string;
    readonly recovery: string;
  };
  readonly access: Decoded | null;
  readonly refresh: Decoded | null;
  readonly loot: Decoded | null;
}

export interface Replay {
  readonly status: number;
  readonly gotIn: boolean;
  readonly loot: Decoded | null;
}

export interface Answer<Body> {
  readonly status: number;
  readonly ok: boolean;
  readonly body: Body | null;
}

export function readInside(): Promise<Answer<Inside>> {
  return ask<Inside>("/demo/pair");
}

export function post<Body = { error?: string }>(path: string, body: object = {}): Promise<Answer<Body>> {
  return ask<Body>(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

export async function ask<Body = { error?: string }>(path: string, init?: RequestInit): Promise<Answer<Body>> {
  const response = await fetch(path, init);
  const text = await response.text();
  let body: Body | null = null;
  try {
    body = text === "" ? null : (JSON.parse(text) as Body);
  } catch {
    // Something between here and the Worker answered in its own way; the status says enough.
  }
  return { status: response.status, ok: response.ok, body };
}

/** The cookie that script may read: when the access token was made and ends, and who is signed in. */
export function companion(): { iat: number; exp: number; name?: string } | null {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith("session="));
  if (found === undefined) return null;
  try {
    return JSON.parse(decodeURIComponent(found.slice("session=".length))) as {
      iat: number;
      exp: number;
      name?: string;
    };
  } catch {
    return null;
  }
}

export function numberOf(decoded: Decoded | null, name: string): number | null {
  const value = decoded?.payload[name];
  return typeof value === "number" ? value : null;
}
