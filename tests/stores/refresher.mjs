// A server that dies in the middle of a refresh, after its write and before its answer. It signals the moment, and the
// test kills it.

import { createSessions } from "tandem-jwt/session";

import { POSTGRES, REDIS } from "./clients.mjs";

const { client, server, secret, tokens, last } = JSON.parse(process.argv[2]);
const store = await { ...REDIS, ...POSTGRES }[client](server).store();
let written = 0;
const sessions = createSessions({
  issuer: "https://id.example",
  audience: "api",
  clientId: "web",
  keys: { access: secret },
  store: {
    ...store,
    compareAndSet: async (...all) => {
      const done = await store.compareAndSet(...all);
      if (++written < last) return done;
      console.log("written");
      // So long that nothing else ends this process.
      return new Promise((resolve) => setTimeout(resolve, 60_000, done));
    },
  },
});
for (const token of tokens) await sessions.refresh(token, { transport: "cookie" });
