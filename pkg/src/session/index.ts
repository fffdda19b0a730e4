// Sessions with every kind of key.

import { type CreateSessions, makeCreateSessions } from "./create.js";
import { sessionPairs } from "./pairs.js";

export * from "./api.js";

/**
 * Makes the sessions of one issuer. Throws a `SessionError` that names the option if one is wrong.
 *
 * ```js
 * const sessions = createSessions({ issuer, audience, clientId, keys: { access: secret }, store: memoryStore() });
 * const pair = await sessions.issue({ sub: "ada", scope: "read write" });
 * const next = await sessions.refresh(pair.refresh);
 * ```
 */
export const createSessions: CreateSessions = /* @__PURE__ */ makeCreateSessions(sessionPairs);
