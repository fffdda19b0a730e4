// Sessions in D1 and in Durable Objects, in a Worker.

import { d1Store, durableObjectStore, migrateD1, TandemSessions } from "tandem-jwt/cloudflare";

import { ISSUER, sampleOf, sessionsOver } from "./drive.mjs";

/** The Durable Object, and how large its database is. */
export class Sessions extends TandemSessions {
  size() {
    return this.ctx.storage.sql.databaseSize;
  }
}

const STORES = {
  d1: (env) => d1Store(env.DB),
  object: (env) => durableObjectStore(env.SESSIONS),
};

const ASKED = {
  migrate: ({ env }) => migrateD1(env.DB),
  issue: async ({ store, subs }) => {
    const tokens = [];
    for (const sub of subs) tokens.push(await sessionsOver(store).issue(sub));
    return tokens;
  },
  refresh: async ({ store, tokens }) => {
    const sessions = sessionsOver(store);
    const next = [];
    for (const token of tokens) next.push(await sessions.refresh(token));
    return next;
  },
  list: async ({ store, sub }) => (await sessionsOver(store).list(sub)).length,
  /** Rows that are nobody's, by one statement. */
  fill: async ({ env, store, from, to }) => {
    const { record, expiresAt } = await sampleOf(store);
    await env.DB.prepare(
      `WITH RECURSIVE count (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM count WHERE n + 1 < ?2)
      INSERT INTO tandem_session (iss, sub, sid, record, version, expires_at, active)
      SELECT ?3, 'user ' || n, 'session ' || n, ?4, 1, ?5, 1 FROM count`,
    )
      .bind(from, to, ISSUER, record, expiresAt)
      .run();
  },
  /** Bytes of D1's database, or of the object of one user. */
  used: async ({ env, kind, sub }) => {
    if (kind === "d1") return (await env.DB.prepare("SELECT 1").run()).meta.size_after;
    return env.SESSIONS.get(env.SESSIONS.idFromName(JSON.stringify([ISSUER, sub]))).size();
  },
};

export default {
  async fetch(request, env) {
    const { what, kind, ...rest } = await request.json();
    try {
      const value = await ASKED[what]({ env, kind, store: kind && STORES[kind](env), ...rest });
      return Response.json({ value: value ?? null });
    } catch (error) {
      return Response.json({ error: `${error.stack}\n${error.cause?.message ?? ""}` });
    }
  },
};
