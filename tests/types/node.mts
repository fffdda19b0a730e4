// The edge in a program for Node: without the types of browsers, with those of Node, and every declaration checked.

import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import { edgeAuth } from "tandem-jwt/edge";
import { toNodeHandler } from "tandem-jwt/node";
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
void [server, createSecureServer({}, handler)];
