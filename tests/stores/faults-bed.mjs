// Shared by the fault tests: sessions over a store, and polling until a condition holds.

import { setTimeout as pause } from "node:timers/promises";

import { createSessions } from "tandem-jwt/session";

/** The secret of the access tokens. */
export const SECRET = "a secret of at least thirty-two bytes";

/** A request by cookie. */
export const cookie = { transport: "cookie" };

/** Sessions over a store. */
export function sessionsOver(store, on = () => {}, options = {}) {
  return createSessions({
    issuer: "https://id.example",
    audience: "api",
    clientId: "web",
    keys: { access: SECRET },
    store,
    on,
    ...options,
  });
}

/** The generation of a refresh token. */
export function generationOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()).gen;
}

/** Retries for some seconds, as clients do when they are told to retry. */
export async function until(ask, enough) {
  let last;
  for (let tried = 0; tried < 200; tried++) {
    last = await Promise.resolve(ask()).catch((error) => error);
    if (enough(last)) return last;
    await pause(50);
  }
  throw new Error(`it did not come to it: ${last?.message ?? JSON.stringify(last)}`);
}
