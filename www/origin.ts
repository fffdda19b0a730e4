/**
 * The origin of the demo: an ordinary service that knows nothing of cookies or sessions. It is handed an access token
 * with every request, and believes that and nothing else.
 */
import jwt from "tandem-jwt";

interface Env {
  ACCESS_KEYS: string;
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, origin } = new URL(request.url);
    const claims = verified(request.headers.get("authorization"), env.ACCESS_KEYS.split(","), origin);
    if (claims === null) return json({ error: "invalid_token" }, 401);
    if (pathname === "/api/me") return json({ claims });
    if (pathname === "/api/echo") return echo(request);
    return json({ error: "not_found" }, 404);
  },
} satisfies ExportedHandler<Env>;

/** What came in, as it came in: a body that is not text is shown in base64. */
async function echo(request: Request): Promise<Response> {
  const body = await bodyOf(request);
  if (body === null) return json({ error: "too_large" }, 413);
  const { method } = request;
  const headers = Object.fromEntries(request.headers);
  try {
    return json({ method, headers, body: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body) });
  } catch {
    return json({ method, headers, bodyBase64: base64(body) });
  }
}

/**
 * Null when it is longer than it may be. Read as it comes: nothing larger is ever held, whatever its length was said to
 * be.
 */
async function bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.byteLength;
    if (length > MAX_ECHO) return null;
    parts.push(part);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function verified(authorization: string | null, keys: readonly string[], issuer: string): object | null {
  const token = authorization?.startsWith("Bearer ") === true ? authorization.slice("Bearer ".length) : "";
  for (const key of keys) {
    try {
      const { header, payload } = jwt.verify(token, key.trim(), {
        algorithms: ["HS256"],
        issuer,
        audience: issuer,
        complete: true,
      });
      // The type keeps any other token that the same key may have signed from passing for an access token (RFC 9068
      // §4).
      return header.typ === "at+jwt" && typeof payload === "object" ? payload : null;
    } catch {
      // Perhaps the key before this one signed it.
    }
  }
  return null;
}

function json(body: object, status = 200): Response {
  return Response.json(body, { status });
}

const MAX_ECHO = 4 * 1024 * 1024;
