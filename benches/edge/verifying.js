/** Verifies one access token many times in one request: by our sessions, by jose, and by WebCrypto alone. */
import { importJWK, jwtVerify } from "jose";
import { createSessions, memoryStore } from "tandem-jwt/session";

const ORIGIN = "https://app.example";
let contenders;

export default {
  async fetch(request, env) {
    contenders ??= prepare(env);
    const { searchParams } = new URL(request.url);
    const verify = (await contenders)[searchParams.get("by")];
    for (let left = Number(searchParams.get("times")); left > 0; left -= 1) {
      if (!(await verify())) return new Response("refused", { status: 500 });
    }
    return new Response("verified");
  },
};

async function prepare({ SECRET, PAIR, VERIFIES }) {
  const sessions = createSessions({
    issuer: ORIGIN,
    audience: ORIGIN,
    clientId: "web",
    keys: { access: PAIR ? { key: PAIR } : SECRET, refresh: SECRET },
    store: memoryStore(),
  });
  const { access } = await sessions.issue({ sub: "ada", scope: "read write", claims: { role: "user" } });
  const end = access.lastIndexOf(".");
  const input = new TextEncoder().encode(access.slice(0, end));
  const base64 = access
    .slice(end + 1)
    .replaceAll("-", "+")
    .replaceAll("_", "/");
  const signature = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const [key, operation] = await (PAIR ? pairFor(VERIFIES) : secretFor(SECRET));
  const expected = { issuer: ORIGIN, audience: ORIGIN, typ: "at+jwt", algorithms: [PAIR ? "ES256" : "HS256"] };
  return {
    ours: async () => (await sessions.verify(access, { scope: "read" })).ok,
    jose: async () => (await jwtVerify(access, key, expected)).payload.scope.split(" ").includes("read"),
    webcrypto: () => crypto.subtle.verify(operation, key, signature, input),
  };
}

async function pairFor(jwk) {
  return [await importJWK(JSON.parse(jwk), "ES256"), { name: "ECDSA", hash: "SHA-256" }];
}

async function secretFor(secret) {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return [await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), hmac, false, ["verify"]), hmac];
}
