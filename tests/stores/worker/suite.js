/**
 * The conformance suite inside a Worker, over the store that a request names; and refreshes for two isolates that race.
 */
import { d1Store, durableObjectStore, migrateD1, TandemSessions } from "tandem-jwt/cloudflare";
import { createSessions } from "tandem-jwt/session";
import { conformance } from "tandem-jwt/stores/conformance";

/** The Durable Object, and how large its database is. */
export class Sessions extends TandemSessions {
  size() {
    return this.ctx.storage.sql.databaseSize;
  }
}

const STORES = {
  d1: (env) => d1Store(env.DB),
  "durable object": (env) => durableObjectStore(env.SESSIONS),
};

function sessionsOver(store) {
  return createSessions({
    issuer: "https://id.example",
    audience: "api",
    clientId: "web",
    keys: { access: "a secret of at least thirty-two bytes" },
    store,
  });
}

const ASKED = {
  migrate: async ({ env }) => {
    await migrateD1(env.DB);
    await migrateD1(env.DB);
    return (
      await env.DB.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'tandem%' ORDER BY name").all()
    ).results.map(({ name }) => name);
  },
  run: ({ suite, name }) => suite.find((test) => test.name === name).run(),
  issue: async ({ store, sub }) => (await sessionsOver(store).issue({ sub, transport: "cookie" })).refresh,
  refresh: async ({ store, token, times }) =>
    Promise.all(
      Array.from({ length: times }, async () => {
        for (;;) {
          const answer = await sessionsOver(store).refresh(token, { transport: "cookie" });
          if (answer.ok || !answer.retryable)
            return { outcome: answer.outcome ?? answer.error, refresh: answer.refreshChanged ? answer.refresh : null };
        }
      }),
    ),
  list: async ({ store, sub }) => (await sessionsOver(store).list(sub)).length,
  /** Bytes of D1's database, and of the object of one user. */
  sizes: async ({ env, sub }) => {
    const { meta } = await env.DB.prepare("SELECT 1").run();
    const object = env.SESSIONS.get(env.SESSIONS.idFromName(JSON.stringify(["https://id.example", sub])));
    return { d1: meta.size_after, object: await object.size() };
  },
  /** How SQLite finds the rows of each statement that the store runs. */
  plans: async ({ env }) => {
    const plans = [];
    const prepare = (sql) => ({
      bind: (...values) => ({
        all: async () => {
          const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
            .bind(...values)
            .all();
          plans.push(results.map(({ detail }) => detail).join("; "));
          return env.DB.prepare(sql)
            .bind(...values)
            .all();
        },
      }),
    });
    const store = d1Store({ prepare });
    const key = { iss: "i", sub: "s", sid: "a" };
    await store.load(key);
    await store.compareAndSet(key, 1, Uint8Array.of(1), { expiresAt: 1, active: true });
    await store.list("i", "s");
    await store.firstUse(key, "p", 1);
    await store.sweep(1, 10);
    return plans.filter((plan) => plan !== "");
  },
};

export default {
  async fetch(request, env) {
    const { what, kind, interleavings, ...rest } = await request.json();
    const make = () => STORES[kind](env);
    const suite = kind === undefined ? undefined : conformance(make, { interleavings, parallel: 8 });
    try {
      return Response.json({ value: await ASKED[what]({ env, suite, store: kind && make(), ...rest }) });
    } catch (error) {
      return Response.json({ error: `${error.message}\n${error.cause?.message ?? ""}` });
    }
  },
};
