// The other entries, whose declarations are checked with the program, since nothing skips that of a library here.

import * as client from "tandem-jwt/client";
import * as dpop from "tandem-jwt/client/dpop";
import * as tokenFile from "tandem-jwt/client/node";
import * as decoding from "tandem-jwt/decode";
import * as edge from "tandem-jwt/edge";
import * as jwks from "tandem-jwt/jwks";
import * as node from "tandem-jwt/node";
import * as session from "tandem-jwt/session";
import * as conformance from "tandem-jwt/stores/conformance";
import * as postgres from "tandem-jwt/stores/postgres";
import * as redis from "tandem-jwt/stores/redis";

export { session };

const auth = edge.edgeAuth<{ KEY: string }>({
  origin: "https://app.example",
  store: () => session.memoryStore(),
  keys: (env) => ({ access: env.KEY }),
  authenticate: async (request: Request) => ({ sub: await request.text() }),
  routes: { "/*": { origin: "http://127.0.0.1:8080" } },
});
export const handler: node.NodeHandler = node.toNodeHandler(auth, {
  env: { KEY: "a key of at least thirty-two bytes" },
});
export const expired: boolean = decoding.isExpired("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.x");
export const others = [client, dpop, tokenFile, jwks, conformance, postgres, redis].map(
  (entry) => Object.keys(entry).length,
);
