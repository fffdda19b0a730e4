// The entries of a Worker have types wherever the editor runs.

import { d1Schema, d1Store, durableObjectStore, migrateD1, TandemSessions } from "tandem-jwt/cloudflare";
import { type EdgeAuthOptions, edgeAuth } from "tandem-jwt/edge";

interface Env {
  SESSIONS: Parameters<typeof durableObjectStore>[0];
  KEYS: string;
}
const options: EdgeAuthOptions<Env> = {
  store: (env) => durableObjectStore(env.SESSIONS),
  keys: (env) => ({ access: env.KEYS }),
  authenticate: async () => ({ sub: "ada" }),
  routes: { "/api/*": { origin: "https://api.example.com", scope: "read" } },
};
const worker: { fetch(request: Request, env: Env): Promise<Response> } = edgeAuth(options);

declare const database: D1Database;
await migrateD1(database);
const store: EdgeAuthOptions<Env>["store"] = () => d1Store(database, { prefix: "shop_" });
const swept: number = await d1Store(database).sweep(0, 100);
void [worker, TandemSessions, store, swept, d1Schema()];
