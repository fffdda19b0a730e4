/**
 * Limits in a Durable Object: one object for each client, so that the count is one wherever the client connects. Failed
 * sign-ins are written down, because an object that rests forgets its memory; the rest is for a minute and is not.
 */

import type { SessionsNamespace } from "../stores/durable-object.js";
import { DurableObjectClass } from "../stores/durable-object-class.js";
import { type Attempt, FORGIVEN_AFTER, keyOf, type LimitRules, Limits, type RateLimit } from "./limits.js";

/** The option `rateLimit` of `edgeAuth`, in Durable Objects: `namespace` is a binding to `TandemLimits`. */
export function durableLimits(namespace: SessionsNamespace, rules: LimitRules = {}): RateLimit {
  return (attempt) => {
    const key = keyOf(attempt);
    if (key === null) return 0;
    const stub = namespace.get(namespace.idFromName(key)) as Pick<TandemLimits, "take">;
    return stub.take(attempt, rules);
  };
}

/** The Durable Object class: export it from the Worker, and list it under `new_sqlite_classes` in a migration. */
export class TandemLimits extends DurableObjectClass {
  #limits: Limits | undefined;

  /** Seconds to wait; 0 lets the attempt through. */
  async take(attempt: Attempt, rules: LimitRules): Promise<number> {
    this.#limits ??= new Limits(rules, {
      get: () => this.#failures(),
      set: (_, { count, last }) => {
        this.#table();
        this.ctx.storage.sql.exec("INSERT OR REPLACE INTO failures (id, count, last) VALUES (1, ?, ?)", count, last);
      },
    });
    const wait = this.#limits.take(attempt, Date.now() / 1000);
    // Failures are deleted once they no longer count.
    if (attempt.kind === "failed-sign-in") await this.ctx.storage.setAlarm(Date.now() + (FORGIVEN_AFTER + 1) * 1000);
    return wait;
  }

  /** Forgets everything, so that an object that is not used again costs no storage. */
  async alarm(): Promise<void> {
    this.#limits = undefined;
    await this.ctx.storage.deleteAll();
  }

  #failures(): { count: number; last: number } | undefined {
    this.#table();
    return this.ctx.storage.sql.exec<{ count: number; last: number }>("SELECT count, last FROM failures").toArray()[0];
  }

  #table(): void {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS failures (id INTEGER PRIMARY KEY, count INTEGER, last REAL)");
  }
}
