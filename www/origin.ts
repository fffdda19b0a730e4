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
    if (pathname === "/api/echo") {
      return json({
        method: request.method,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
      });
    }
    return json({ error: "not_found" }, 404);
  },
} satisfies ExportedHandler<Env>;

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
      // The type keeps any other token that the same key may have signed from passing for an access token (RFC 9068 §4).
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
