/**
 * The origin of the demo: an ordinary service that knows nothing of cookies or sessions. It receives an access token
 * with every request, and trusts nothing else.
 */
import { ACCESS_TOKEN, verify } from "tandem-jwt";

/** The same secret that the edge signs with: HS256 tokens are verified with the shared secret. */
interface Env {
  ACCESS_KEYS: string;
}

/** Answers who the token is for, and what arrived. Everything else is up to the edge. */
export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, origin } = new URL(request.url);
    const claims = verified(request.headers.get("authorization"), env.ACCESS_KEYS.split(","), origin);
    // The origin verifies too, in case a request reaches it without passing through the edge.
    if (claims === null) return json({ error: "invalid_token" }, 401);
    if (pathname === "/api/me") return json({ claims });
    if (pathname === "/api/echo") return echo(request);
    return json({ error: "not_found" }, 404);
  },
} satisfies ExportedHandler<Env>;

/** The request as it arrived. A body that is not UTF-8 is shown in base64. */
async function echo(request: Request): Promise<Response> {
  const body = await bodyOf(request);
  if (body === null) return json({ error: "too_large" }, 413);
  const { method } = request;
  const headers = Object.fromEntries(request.headers);
  try {
    // `fatal` makes bytes that are not UTF-8 throw; a decoder would otherwise insert replacement characters.
    return json({ method, headers, body: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body) });
  } catch {
    return json({ method, headers, bodyBase64: base64(body) });
  }
}

/** The body, or null if it is too long. Counted as it arrives, because a request may state a wrong length or none. */
async function bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  // Kept next to the parts, so that the limit is checked before more is stored.
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.byteLength;
    if (length > MAX_ECHO) return null;
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** The claims of a request's access token, or null. The keys are the current one and the previous ones. */
function verified(authorization: string | null, keys: readonly string[], issuer: string): object | null {
  const token = authorization?.startsWith("Bearer ") === true ? authorization.slice("Bearer ".length) : "";
  for (const key of keys) {
    try {
      // The preset requires the type of access tokens, so that no other token signed by the same key passes for one.
      const claims = verify(token, key.trim(), {
        ...ACCESS_TOKEN,
        // Named here, so that the token's header cannot choose (RFC 8725 §3.1).
        algorithms: ["HS256"],
        // The edge's defaults: issuer and audience are its public origin, which is the request's origin here.
        issuer,
        audience: issuer,
      });
      // Signed, but not an object: a text payload has no claims.
      return typeof claims === "object" ? claims : null;
    } catch {
      // The previous key may have signed it.
    }
  }
  return null;
}

function json(body: object, status = 200): Response {
  return Response.json(body, { status });
}

// Four MiB: enough to show that a body passes the edge intact, and too little to fill the Worker's memory.
const MAX_ECHO = 4 * 1024 * 1024;
