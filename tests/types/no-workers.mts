// The Worker's entry where Cloudflare's types are not: in an application's unit tests, say.

import { durableLimits, durableObjectStore, type SessionsNamespace, TandemSessions } from "tandem-jwt/cloudflare";
import { createSessions } from "tandem-jwt/session";

declare const namespace: SessionsNamespace;
createSessions({
  issuer: "https://id.example",
  audience: "https://api.example",
  clientId: "web",
  keys: { access: "a secret" },
  store: durableObjectStore(namespace),
});
durableLimits(namespace, {});

export class Sessions extends TandemSessions {}
