// What the tests of sessions stand on: a clock that moves when it is told to, and events that are kept.

import { createSessions, memoryStore } from "tandem-jwt/session";

export const SECRET = "a secret of at least thirty-two bytes";
export const OTHER = "another secret, as long as the first one";

/** Times in the tests are seconds from this one. */
export const START = 1_800_000_000;

export function bed(options = {}) {
  const clock = { now: START };
  const events = [];
  const store = options.store ?? memoryStore({ nowMs: () => clock.now * 1000 });
  const make = (more = {}) =>
    createSessions({
      issuer: "https://id.example",
      audience: "https://api.example",
      clientId: "web",
      keys: { access: SECRET },
      now: () => clock.now,
      on: (event) => events.push(event),
      ...options,
      store,
      ...more,
    });
  const sessions = make();
  return {
    clock,
    events,
    store,
    make,
    sessions,
    types: () => events.map(({ type }) => type),
    later: (seconds) => (clock.now += seconds),
    /** A session by cookie. */
    signIn: (more = {}) => sessions.issue({ sub: "ada", scope: "read write", transport: "cookie", ...more }),
    refresh: (token, more = {}) => sessions.refresh(token, { transport: "cookie", ...more }),
  };
}

/** A store that cannot carry out commands itself. */
export function withoutTransact(store) {
  const { transact: _, ...rest } = store;
  return rest;
}

/** Header and payload of a token. */
export function parts(token) {
  const [header, payload] = token.split(".", 2).map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  return { header, payload };
}
