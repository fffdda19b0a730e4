// Several servers work on the sessions of one user, suspended at every store call. A seeded generator decides which
// server continues, and whether its call succeeds. The same seed produces the same walk on the memory store, and both
// must end alike.

import type { Refusal, Sessions, TokenPair } from "../../session/api.js";
import type { SessionStore } from "../../session/store.js";
import { memoryStore } from "../memory.js";
import { type ConformanceTest, forEachSeed, type Plan, SeededRandom } from "./plan.js";
import { around, playing, sessionsOver } from "./schedules.js";

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
        const expected = await walk([reference, reference], byTransact, new SeededRandom(seed));
        const actual = await walk(stores, byTransact, new SeededRandom(seed));
        const at = expected.findIndex((line, i) => line !== actual[i]);
        if (at < 0 && expected.length === actual.length) return;
        throw new Error(
          `it went differently from the memory store\n${actual.slice(0, at + 1).join("\n")}\nexpected ${expected[at]}`,
        );
      });
    },
  }));
}

// Three servers with three requests each give thousands of orders, and failures that are still short enough to read.
const ACTORS = 3;
const REQUESTS = 3;
const COOKIE = { transport: "cookie" } as const;

async function walk(stores: SessionStore[], byTransact: boolean, random: SeededRandom): Promise<string[]> {
  const lines: string[] = [];
  const issuer = `https://${crypto.randomUUID()}.example`;
  let now = Math.floor(Date.now() / 1000);
  let calm = true;
  const turns = new Turns(random);
  const actors = Array.from({ length: ACTORS }, (_, actor): Sessions => {
    const store = around(playing(stores[actor % 2]!, byTransact), async (method, call) => {
      // The initial sign-in and the final check are not part of the walk.
      if (calm) return call();
      await turns.mine(actor);
      const fate = random.of(FATES);
      lines.push(`${actor} ${method} ${fate}`);
      if (fate === "down") throw new Error("down");
      const answer = await call();
      if (fate === "twice" && method === "compareAndSet") await call();
      // The call was carried out but its answer was lost, which the caller cannot distinguish from a store that was
      // down.
      if (fate === "lost") throw new Error("lost");
      return answer;
    });
    const on = ({ type }: { type: string }) => lines.push(`${actor} ${type}`);
    return sessionsOver(store, { issuer, now: () => now, on });
  });

  // Tokens are named by order of appearance: their bytes are random, and differ between the two walks.
  const [first, second] = [
    await actors[0]!.issue({ sub: "ada", ...COOKIE }),
    await actors[1]!.issue({ sub: "ada", ...COOKIE }),
  ];
  const held = [first.refresh, second.refresh];
  const describe = (answer: TokenPair | Refusal): string => {
    if (!answer.ok) return answer.error;
    if (!answer.refreshChanged) return answer.outcome;
    if (!held.includes(answer.refresh)) held.push(answer.refresh);
    return `${answer.outcome} ${held.indexOf(answer.refresh)}`;
  };

  async function request(sessions: Sessions): Promise<string> {
    const kind = random.of(REQUESTED);
    // Usually the newest token, otherwise any of them: a retry, or a thief.
    const at = random.below(3) > 0 ? held.length - 1 : random.below(held.length);
    const token = held[at]!;
    const which = `${kind} ${at}`;
    switch (kind) {
      case "wait":
        now += random.of([1, 5, 31, 31, 100, -90]);
        return kind;
      case "refresh":
        return `${which}: ${describe(await sessions.refresh(token, COOKIE))}`;
      case "revoke":
        return `${which}: ${await sessions.revoke(token)}`;
      case "revokeAll":
        await sessions.revokeAll("ada", random.below(2) > 0 ? { except: first.sid } : {});
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
  // Every token is tried once more, so that two walks with equal answers but different records end differently.
  for (let at = 0; at < held.length; at++)
    lines.push(`in the end ${at}: ${describe(await actors[0]!.refresh(held[at]!, COOKIE))}`);
  lines.push(`in the end ${(await actors[0]!.list("ada")).length}`);
  return lines;
}

/** Most calls pass, or a walk would make little progress. */
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
 * Lets one actor continue while all others wait, so that a seed always gives the same order, however slow the store is.
 */
class Turns {
  readonly #random: SeededRandom;
  readonly #waiting = new Map<number, () => void>();
  #playing = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Resolves when it is this actor's turn. */
  mine(actor: number): Promise<void> {
    return new Promise((resume) => {
      this.#waiting.set(actor, resume);
      this.#goOn();
    });
  }

  /** Resolves when every actor has finished. */
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

  /**
   * Waits until every remaining actor is suspended: only then does the choice depend on the seed alone, rather than on
   * which call the store answered first.
   */
  #goOn(): void {
    if (this.#playing === 0 || this.#waiting.size < this.#playing) return;
    const actor = this.#random.of([...this.#waiting.keys()].sort());
    const resume = this.#waiting.get(actor)!;
    this.#waiting.delete(actor);
    resume();
  }
}
