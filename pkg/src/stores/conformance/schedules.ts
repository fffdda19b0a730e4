// Whole sessions with a fault at the worst moment: it must not sign out an honest user, nor leave anyone signed in who
// has signed out.

import type { SessionEvent, Sessions, TokenPair } from "../../session/api.js";
import { makeCreateSessions } from "../../session/create.js";
import type { SessionStore } from "../../session/store.js";
import type { SessionOptions } from "../../session/types.js";
import { type ConformanceTest, holds, type MakeStore, type Plan, same } from "./plan.js";

// The store does not know which keys sign, so secrets are enough, and the suite does not load the larger wasm.
const createSessions = /* @__PURE__ */ makeCreateSessions();

/** How a store writes: `transact` if the store has it, and `compareAndSet` on every store. */
type Writes = "transact" | "compareAndSet";

/** What happens to a call: it is carried out, not carried out, or carried out twice. */
type Fault = (call: () => Promise<unknown>) => Promise<unknown>;

/** Two servers over the same data; the first can be made to fail. */
interface Bed {
  readonly here: Sessions;
  readonly there: Sessions;
  readonly events: SessionEvent[];
  /** Injects a fault into the next call of a method on the first server. */
  next(method: keyof SessionStore, fault: Fault): void;
  /** A new session for this bed's only user. */
  signIn(): Promise<TokenPair>;
  /** Moves the clock of both servers; a negative number sets it back. */
  later(seconds: number): void;
}

/** Tests with faults injected. */
export function schedules(plan: Plan): ConformanceTest[] {
  return [...both(plan.makeStore, "compareAndSet"), ...both(plan.makeStore, "transact")];
}

function both(makeStore: MakeStore, writes: Writes): ConformanceTest[] {
  const test = (name: string, run: (bed: Bed) => Promise<void>): ConformanceTest => ({
    name: `${name} (${writes})`,
    needs: writes === "transact" ? writes : undefined,
    run: async () => {
      const [here, there] = [await makeStore(), await makeStore()];
      if (writes === "transact" && here.transact === undefined) return "the store has no transact";
      return run(bedOf(here, there, writes));
    },
  });

  return [
    // The token must still be current, or a store outage would use it up.
    test("the store is down before the write: nothing has happened", async ({ here, there, next, signIn }) => {
      const pair = await signIn();
      next(writes, async () => down());
      same(await brief(here.refresh(pair.refresh, COOKIE)), "temporarily_unavailable", "the refresh");
      same(await brief(there.refresh(pair.refresh, COOKIE)), "rotated", "the retry");
    }),

    // A server cannot distinguish this from the case above. A retry must be safe in both.
    test("the store is down after the write: the retry gets what the lost answer held", async ({
      here,
      there,
      next,
      signIn,
    }) => {
      const pair = await signIn();
      next(writes, async (call) => {
        await call();
        return down();
      });
      same(await brief(here.refresh(pair.refresh, COOKIE)), "temporarily_unavailable", "the refresh");
      const again = await there.refresh(pair.refresh, COOKIE);
      same(await brief(again), "grace", "the retry");
      same(
        ((await here.refresh(pair.refresh, COOKIE)) as TokenPair).refresh,
        (again as TokenPair).refresh,
        "another retry",
      );
    }),

    test("an answer that never comes: another server answers", async ({ here, there, next, signIn, later }) => {
      const pair = await signIn();
      let written: Promise<unknown> | undefined;
      const began = new Promise<void>((begin) => {
        next(writes, (call) => {
          written = call();
          begin();
          return new Promise(() => {});
        });
      });
      const refreshed = here.refresh(pair.refresh, COOKIE);
      // Resolves with undefined once the write has begun; a refresh that ends earlier would yield its outcome instead.
      same(await Promise.race([began, brief(refreshed)]), undefined, "a refresh that did not come to its write");
      await written;
      same(await brief(there.refresh(pair.refresh, COOKIE)), "grace", "the retry");
      later(31);
      // The answer never arrived, so the client has only the parent token, however late it comes back.
      same(await brief(there.refresh(pair.refresh, COOKIE)), "recovered", "a retry after the grace");
    }),

    test("a write that arrives twice is done once", async ({ here, there, next, signIn, later }) => {
      const pair = await signIn();
      next(writes, async (call) => {
        const first = await call();
        const second = await call();
        // The second finds the version that the first wrote. A second `transact` falls into the grace period.
        if (writes === "compareAndSet") same([first, second], [true, false], "both answers");
        return first;
      });
      const rotated = (await here.refresh(pair.refresh, COOKIE)) as TokenPair;
      same(await brief(rotated), "rotated", "the refresh");
      same(((await there.refresh(pair.refresh, COOKIE)) as TokenPair).refresh, rotated.refresh, "the retry");
      later(31);
      same(await brief(there.refresh(rotated.refresh, COOKIE)), "rotated", "its successor");
    }),

    // The classic race of two tabs. The loser must find the winner's successor and hand out the same token.
    test("a pause before the write, in which another server rotates", async ({ here, there, next, signIn, later }) => {
      const pair = await signIn();
      let first: unknown;
      next(writes, async (call) => {
        first = await there.refresh(pair.refresh, COOKIE);
        return call();
      });
      const second = (await here.refresh(pair.refresh, COOKIE)) as TokenPair;
      same([await brief(first), await brief(second)], ["rotated", "grace"], "both refreshes");
      same(second.refresh, (first as TokenPair).refresh, "the successors");
      later(31);
      same(await brief(here.refresh(second.refresh, COOKIE)), "rotated", "the next refresh");
    }),

    test("a pause before the write, in which the user signs out", async ({ here, there, next, signIn }) => {
      const pair = await signIn();
      next(writes, async (call) => {
        await there.revoke(pair.refresh);
        return call();
      });
      same(await brief(here.refresh(pair.refresh, COOKIE)), "invalid_grant", "the refresh");
      same(await brief(there.refresh(pair.refresh, COOKIE)), "invalid_grant", "a later one");
      same(
        // Both servers agree about the access token, which has not expired yet.
        await there.verify(pair.access, { checkSession: true }),
        await here.verify(pair.access, { checkSession: true }),
        "verify",
      );
      same((await there.verify(pair.access, { checkSession: true })).ok, false, "verify");
    }),

    test("a pause before the write, in which the user signs out everywhere", async ({
      here,
      there,
      next,
      signIn,
      later,
    }) => {
      const [pair, kept] = [await signIn(), await signIn()];
      next(writes, async (call) => {
        await there.revokeAll("ada", { except: kept.sid });
        return call();
      });
      const raced = await here.refresh(pair.refresh, COOKIE);
      for (const token of [pair.refresh, raced.ok ? raced.refresh : pair.refresh]) {
        same(await brief(there.refresh(token, COOKIE)), "invalid_grant", "a later refresh");
      }
      same(
        (await there.list("ada")).map(({ sid }) => sid),
        [kept.sid],
        "who is signed in",
      );
      later(31);
      same(await brief(here.refresh(kept.refresh, COOKIE)), "rotated", "the session that was kept");
    }),

    // A sign-in with a stolen password that began before the owner's sign-out must not survive it.
    test("a sign-in that a sign-out everywhere overtakes gives no session", async ({ here, there, next, signIn }) => {
      await signIn();
      next("create", async (call) => {
        const created = await call();
        await there.revokeAll("ada");
        return created;
      });
      // The user authenticated a minute ago, so the sign-out came later.
      const authTime = Date.now() / 1000 - 60;
      const refused = await here.issue({ sub: "ada", transport: "cookie", authTime }).then(
        () => "issued",
        (error: { code?: string }) => error.code,
      );
      same(refused, "ERR_SESSION_REVOKED", "the sign-in");
      same(await there.list("ada"), [], "who is signed in");
    }),

    test("a hundred refreshes at once are one rotation", async ({ here, there, events, signIn, later }) => {
      const pair = await signIn();
      const answers = await Promise.all(
        Array.from({ length: 100 }, async (_, at) => {
          // A request that keeps losing the race is told to retry.
          for (let tried = 0; tried < 20; tried++) {
            const answer = await (at % 2 ? here : there).refresh(pair.refresh, COOKIE);
            if (answer.ok || !answer.retryable) return answer;
          }
          throw new Error("one of the hundred refreshes never finished");
        }),
      );
      holds(
        answers.every(({ ok }) => ok),
        "all get tokens",
      );
      same(new Set(answers.map((answer) => answer.ok && answer.refresh)).size, 1, "different successors");
      same(events.filter(({ type }) => type === "rotated").length, 1, "rotations");
      later(31);
      same(await brief(here.refresh((answers[0] as TokenPair).refresh, COOKIE)), "rotated", "the next refresh");
    }),

    test("a stolen token ends its session on every server, and no other", async ({ here, there, signIn, later }) => {
      const [pair, other] = [await signIn(), await signIn()];
      const second = (await here.refresh(pair.refresh, COOKIE)) as TokenPair;
      later(60);
      const third = (await there.refresh(second.refresh, COOKIE)) as TokenPair;
      same(await brief(here.refresh(pair.refresh, COOKIE)), "invalid_grant", "the thief");
      same(await brief(there.refresh(third.refresh, COOKIE)), "invalid_grant", "the session");
      same(await brief(there.refresh(other.refresh, COOKIE)), "rotated", "the other session");
    }),

    test("a clock that steps back an hour signs nobody out", async ({ here, there, events, signIn, later }) => {
      const pair = await signIn();
      const second = (await here.refresh(pair.refresh, COOKIE)) as TokenPair;
      later(-3_600);
      same(await brief(there.refresh(second.refresh, COOKIE)), "debounced", "at once");
      later(31);
      const third = (await here.refresh(second.refresh, COOKIE)) as TokenPair;
      same(await brief(third), "rotated", "after the grace");
      holds(
        events.some(({ type }) => type === "clock_regression"),
        "the application hears of it",
      );
      later(3_600);
      same(await brief(there.refresh(third.refresh, COOKIE)), "rotated", "when the clock is right again");
    }),
  ];
}

const COOKIE = { transport: "cookie" } as const;
const SECRET = "the secret of a conformance test";

/** The outcome of a refresh, or the error that refused it. */
async function brief(answer: unknown): Promise<string> {
  const { ok, outcome, error } = (await answer) as { ok: boolean; outcome?: string; error?: string };
  return String(ok ? outcome : error);
}

/** A plain error, as a database client throws it. */
function down(): never {
  throw new Error("the store is down");
}

/** Sessions over a store, with an issuer that no other test uses. */
export function sessionsOver(store: SessionStore, rest: Pick<SessionOptions, "issuer" | "now" | "on">): Sessions {
  return createSessions({ audience: "api", clientId: "web", keys: { access: SECRET }, store, ...rest });
}

/** A bed with its own issuer, so that concurrent tests share no user. Each fault strikes once. */
function bedOf(one: SessionStore, other: SessionStore, writes: Writes): Bed {
  let now = Math.floor(Date.now() / 1000);
  const issuer = `https://${crypto.randomUUID()}.example`;
  const events: SessionEvent[] = [];
  const faults = new Map<PropertyKey, Fault>();
  const make = (store: SessionStore) =>
    sessionsOver(store, { issuer, now: () => now, on: (event) => events.push(event) });
  const here = make(
    around(playing(one, writes === "transact"), async (method, call) => {
      const fault = faults.get(method);
      faults.delete(method);
      return fault === undefined ? call() : fault(call);
    }),
  );
  return {
    here,
    there: make(playing(other, writes === "transact")),
    events,
    next: (method, fault) => faults.set(method, fault),
    signIn: () => here.issue({ sub: "ada", ...COOKIE }),
    later: (seconds) => (now += seconds),
  };
}

/**
 * The store with the test's clock, and without `transact` unless the test is about it. `load` omits the store's own
 * clock, which would otherwise take precedence.
 */
export function playing(store: SessionStore, byTransact: boolean): SessionStore {
  const { consistency } = store;
  return {
    consistency,
    create: (...all) => store.create(...all),
    load: async (key) => {
      const loaded = await store.load(key);
      return loaded && { record: loaded.record, version: loaded.version, epoch: loaded.epoch };
    },
    compareAndSet: (...all) => store.compareAndSet(...all),
    bumpEpoch: (...all) => store.bumpEpoch(...all),
    list: (...all) => store.list(...all),
    ...(byTransact ? { transact: (key, command) => store.transact!(key, command) } : {}),
  };
}

/** The store with a wrapper around each of its calls. */
export function around(
  store: SessionStore,
  hand: (method: keyof SessionStore, call: () => Promise<unknown>) => Promise<unknown>,
): SessionStore {
  const wrapped = Object.entries(store).map(([name, member]) => {
    if (typeof member !== "function") return [name, member];
    const method = member as (...all: unknown[]) => Promise<unknown>;
    return [name, (...all: unknown[]) => hand(name as keyof SessionStore, () => method(...all))];
  });
  return Object.fromEntries(wrapped) as SessionStore;
}
