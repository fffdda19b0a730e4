/**
 * The Worker of the demo: the edge handler in front of a small origin, and the page beside it as static assets.
 *
 * `showcase` adds what only a demo needs (it shows decoded tokens, reports what the edge did, and plays a thief); an
 * application exports `edgeAuth({ … })` directly.
 */
import { d1Store, durableObjectStore } from "tandem-jwt/cloudflare";
import { edgeAuth } from "tandem-jwt/edge";
import { PACES } from "./report.js";
import { type DemoEnv, hearing } from "./reporting.js";
import { showcase } from "./showcase.js";

// A Durable Object class must be exported from the Worker's main module, under the name in wrangler.jsonc.
export { TandemSessions } from "tandem-jwt/cloudflare";

const demo = showcase(
  edgeAuth<DemoEnv>({
    // wrangler.jsonc binds the Durable Object, wrangler.d1.jsonc a database.
    store: (env) => (env.DB === undefined ? durableObjectStore(env.SESSIONS) : d1Store(env.DB)),
    // Both are given: the origin holds the access keys, and must not be able to derive refresh tokens from them.
    keys: (env) => ({ access: newestFirst(env.ACCESS_KEYS), refresh: newestFirst(env.REFRESH_KEYS) }),
    authenticate: async (request) => {
      // Null for a body that is not JSON: such a sign-in is refused like one with a wrong password.
      const asked: unknown = await request.json().catch(() => null);
      const person = people.find((someone) => isFor(asked, someone));
      if (person === undefined) return null;
      const { username: sub, name, role, scope } = person;
      return { sub, claims: { name, role, pace: paceOf(asked) }, scope, transport: transportOf(asked) };
    },
    routes: (env) => ({ "/api/*": { origin: env.ORIGIN, scope: "read" } }),
    // Safari rejects Secure cookies on http://localhost, so a local demo runs with "dev".
    cookies: (env) => env.COOKIES,
    // The page shows who is signed in without ever holding a token.
    companion: ["sub", "name", "role", "pace"],
    // A function, because the showcase passes an environment with the pace of each request.
    policy: (env) => ({
      accessTtl: env.ACCESS_TTL,
      refreshIdle: env.REFRESH_IDLE,
      grace: env.GRACE,
      recovery: env.RECOVERY,
    }),
    on: hearing,
  }),
);

/** `demo` has `fetch`, which an application would get from `edgeAuth` itself. */
export default {
  ...demo,
  /** The Durable Object cleans up after itself; a database is swept on a schedule. */
  async scheduled(_event, env) {
    if (env.DB !== undefined) await d1Store(env.DB).sweep(Math.floor(Date.now() / 1000), 1_000);
  },
} satisfies ExportedHandler<DemoEnv>;

/** Printed on the page. A real application queries its user table, and stores slow password hashes. */
const people = [
  { username: "ada", password: "lovelace", name: "Ada Lovelace", role: "analyst", scope: "read" },
  { username: "alan", password: "turing", name: "Alan Turing", role: "codebreaker", scope: "read" },
  // Plays the scene that the page opens with.
  { username: "grace", password: "hopper", name: "Grace Hopper", role: "admiral", scope: "read" },
] as const;

/** Stored with the session, so that all of its tabs keep the same pace. */
function paceOf(asked: unknown): string {
  // Own members only: "constructor" is a member of every object, but not a pace.
  const { pace } = asked as { pace?: unknown };
  return typeof pace === "string" && Object.hasOwn(PACES, pace) ? pace : "started";
}

/** The scene holds its tokens itself, so that it can lose some. */
function transportOf(asked: unknown): "cookie" | "bearer" {
  return (asked as { transport?: unknown }).transport === "bearer" ? "bearer" : "cookie";
}

function isFor(asked: unknown, { username, password }: { username: string; password: string }): boolean {
  // The body comes from a stranger: nothing about its shape is assumed.
  if (typeof asked !== "object" || asked === null) return false;
  const given = asked as Record<string, unknown>;
  return given.username === username && given.password === password;
}

/** A secret holds the current key and any previous ones, separated by commas. */
function newestFirst(secret: string): string[] {
  return secret.split(",").map((key) => key.trim());
}
