// Servers that work on the sessions of one user at once, halted at every call to the store. Chance says who goes on,
// and what befalls the call. From the same seed the memory store is walked the same way, and has to end the same way.

import type { Refusal, Sessions, TokenPair } from "../../session/api.js";
import { makeCreateSessions } from "../../session/create.js";
import type { SessionStore } from "../../session/store.js";
import { memoryStore } from "../memory.js";
import { Chance, type ConformanceTest, forEachSeed, type Plan } from "./plan.js";
import { around, playing, SECRET } from "./schedules.js";

// No store has to do with key pairs.
const createSessions = /* @__PURE__ */ makeCreateSessions();

/** Rounds of random walks. */
export function walks(plan: Plan): ConformanceTest[] {
  return [false, true].map((byTransact) => ({
    name: `${plan.rounds} interleavings of sessions end as in the memory store (${byTransact ? "transact" : "compareAndSet"})`,
    needs: byTransact ? "transact" : undefined,
    run: async () => {
      const stores = [await plan.makeStore(), await plan.makeStore()];
      if (byTransact && stores[0]!.transact === undefined) return "the store has no transact";
      return forEachSeed(plan, async (seed) => {
        const reference = memoryStore();
        const expected = await walk([reference, reference], byTransact, new Chance(seed));
        const actual = await walk(stores, byTransact, new Chance(seed));
        const at = expected.findIndex((line, i) => line !== actual[i]);
        if (at < 0 && expected.length === actual.length) return;
        throw new Error(
          `it went another way than in the memory store\n${actual.slice(0, at + 1).join("\n")}\nexpected ${expected[at]}`,
        );
      });
    },
  }));
}

const ACTORS = 3;
const REQUESTS = 3;
const COOKIE = { transport: "cookie" } as const;

async function walk(stores: SessionStore[], byTransact: boolean, chance: Chance): Promise<string[]> {
  const lines: string[] = [];
  const issuer = `https://${crypto.randomUUID()}.example`;
  let now = Math.floor(Date.now() / 1000);
  let calm = true;
  const turns = new Turns(chance);
  const actors = Array.from({ length: ACTORS }, (_, actor): Sessions => {
    const store = around(playing(stores[actor % 2]!, byTransact), async (method, call) => {
      if (calm) return call();
      await turns.mine(actor);
      const fate = chance.of(FATES);
      lines.push(`${actor} ${method} ${fate}`);
      if (fate === "down") throw new Error("down");
      const answer = await call();
      if (fate === "twice" && method === "compareAndSet") await call();
      if (fate === "lost") throw new Error("lost");
      return answer;
    });
    const on = ({ type }: { type: string }) => lines.push(`${actor} ${type}`);
    return createSessions({
      issuer,
      audience: "api",
      clientId: "web",
      keys: { access: SECRET },
      store,
      now: () => now,
      on,
    });
  });

  // Tokens are told by the order in which they came up: their bytes are random.
  const [first, second] = [
    await actors[0]!.issue({ sub: "ada", ...COOKIE }),
    await actors[1]!.issue({ sub: "ada", ...COOKIE }),
  ];
  const held = [first.refresh, second.refresh];
  const told = (answer: TokenPair | Refusal): string => {
    if (!answer.ok) return answer.error;
    if (!answer.refreshChanged) return answer.outcome;
    if (!held.includes(answer.refresh)) held.push(answer.refresh);
    return `${answer.outcome} ${held.indexOf(answer.refresh)}`;
  };

  async function request(sessions: Sessions): Promise<string> {
    const kind = chance.of(REQUESTED);
    const at = chance.below(3) > 0 ? held.length - 1 : chance.below(held.length);
    const token = held[at]!;
    const which = `${kind} ${at}`;
    switch (kind) {
      case "wait":
        now += chance.of([1, 5, 31, 31, 100, -90]);
        return kind;
      case "refresh":
        return `${which}: ${told(await sessions.refresh(token, COOKIE))}`;
      case "revoke":
        return `${which}: ${await sessions.revoke(token)}`;
      case "revokeAll":
        await sessions.revokeAll("ada", chance.below(2) > 0 ? { except: first.sid } : {});
        return kind;
      case "list":
        return `${kind}: ${(await sessions.list("ada"))
          .map(({ sid }) => [first.sid, second.sid].indexOf(sid))
          .sort()
          .join()}`;
    }
  }

  calm = false;
  await turns.play(
    actors.map((sessions, actor) => async () => {
      for (let left = REQUESTS; left > 0; left--) {
        await turns.mine(actor);
        lines.push(`${actor} ${await request(sessions).catch((error: { code?: string }) => String(error.code))}`);
      }
    }),
  );

  calm = true;
  for (let at = 0; at < held.length; at++)
    lines.push(`in the end ${at}: ${told(await actors[0]!.refresh(held[at]!, COOKIE))}`);
  lines.push(`in the end ${(await actors[0]!.list("ada")).length}`);
  return lines;
}

const FATES = [
  "passes",
  "passes",
  "passes",
  "passes",
  "passes",
  "passes",
  "passes",
  "passes",
  "twice",
  "down",
  "lost",
] as const;
const REQUESTED = [
  "refresh",
  "refresh",
  "refresh",
  "refresh",
  "refresh",
  "refresh",
  "wait",
  "wait",
  "revoke",
  "revokeAll",
  "list",
] as const;

/**
 * Lets one actor go on at a time, when all others wait: so the same chance gives the same order, however slow a store
 * is.
 */
class Turns {
  readonly #chance: Chance;
  readonly #waiting = new Map<number, () => void>();
  #playing = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Resolves when it is this actor's turn. */
  mine(actor: number): Promise<void> {
    return new Promise((resume) => {
      this.#waiting.set(actor, resume);
      this.#goOn();
    });
  }

  /** Resolves when all have played to the end. */
  async play(actors: (() => Promise<void>)[]): Promise<void> {
    this.#playing = actors.length;
    await Promise.all(
      actors.map(async (actor) => {
        await actor();
        this.#playing -= 1;
        this.#goOn();
      }),
    );
  }

  #goOn(): void {
    if (this.#playing === 0 || this.#waiting.size < this.#playing) return;
    const actor = this.#chance.of([...this.#waiting.keys()].sort());
    const resume = this.#waiting.get(actor)!;
    this.#waiting.delete(actor);
    resume();
  }
}
