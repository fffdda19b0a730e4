// The edge in a program for Node: without the types of browsers, with those of Node, and every declaration checked.

import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import { edgeAuth, protect } from "tandem-jwt/edge";
import { localKeys } from "tandem-jwt/jwks";
import { toNodeGuard, toNodeHandler } from "tandem-jwt/node";
import { memoryStore } from "tandem-jwt/session";

const auth = edgeAuth<{ KEY: string }>({
  origin: ["https://app.example", "https://other.example"],
  store: () => memoryStore(),
  keys: (env) => ({ access: env.KEY }),
  authenticate: async (request) => ({ sub: await request.text() }),
  routes: { "/*": { origin: "http://127.0.0.1:8080" } },
});
const handler = toNodeHandler(auth, { env: { KEY: "k" }, onError: (error: unknown) => void error });
const server = createServer(handler).on("upgrade", handler.upgrade);
// Without sessions there is nothing else to say, and what would have no effect is refused.
const tokensOf = { issuer: localKeys({ keys: [] }, { issuer: "i" }), algorithms: ["RS256"], audience: "a" } as const;
const api = edgeAuth({
  origin: "https://api.example",
  routes: { "/*": { origin: "http://127.0.0.1:8080", tokensOf } },
});
// @ts-expect-error an edge with keys needs the rest too
void edgeAuth({ keys: () => ({ access: "k" }), routes: {} });
const guarded = toNodeGuard(protect([tokensOf, { ...tokensOf, dpop: { store: memoryStore(), origin: "https://a" } }]));
void createServer((request, response) => guarded(request, response, () => response.end()));
void toNodeHandler(api);
void [server, createSecureServer({}, handler)];
