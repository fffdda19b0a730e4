/** The edge in front of an origin, or nothing but the origin: `BARE` says which. */
import { edgeAuth } from "tandem-jwt/edge";
import { memoryStore } from "tandem-jwt/session";

const store = memoryStore();
const options = {
  origin: "https://app.example",
  store: () => store,
  keys: (env) => ({ access: env.PAIR ? { key: env.PAIR } : env.SECRET, refresh: env.SECRET }),
  authenticate: async (request) => ({ sub: (await request.json()).username, claims: { role: "user" } }),
  routes: (env) => ({ "/*": { origin: env.ORIGIN, optional: true }, "/api/*": { origin: env.ORIGIN } }),
};
const auth = edgeAuth(options);

const sealed = edgeAuth({ ...options, seal: true });

export default {
  fetch(request, env, ctx) {
    globalThis.verificationKey ??= env.VERIFIES;
    if (env.BARE) return env.ORIGIN.fetch(request);
    return (env.SEALS ? sealed : auth).fetch(request, env, ctx);
  },
};
