// Public incidents of refresh tokens, played again: in memory and in a real Redis, by cookie and by bearer. docs/incidents.md
// tells each of them, and is held to this list.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { newerRefresh } from "tandem-jwt/session";

import { DAY, world } from "./incident-world.mjs";

const BOTH = ["cookie", "bearer"];

/** @type {{ report: string, transports?: string[], options?: object, play: Function }[]} */
const INCIDENTS = [
  {
    // Three tabs with their own timers; the third is behind by as much as the others are ahead.
    report: "https://github.com/supabase/supabase/issues/8959",
    play: async ({ signIn, refresh, later, alarms }) => {
      let jar = (await signIn()).refresh;
      for (let round = 0; round < 30; round++) {
        for (const wait of [1, 7, 2]) {
          later(wait);
          const answer = await refresh(jar, round % 2);
          assert.equal(answer.ok, true);
          if (answer.refreshChanged) jar = answer.refresh;
        }
      }
      assert.equal(alarms(), 0);
    },
  },
  {
    // The same token once more, 3.4 s after it was exchanged.
    report: "https://github.com/workos/authkit-nextjs/issues/28",
    play: async ({ signIn, refresh, later, signedIn }) => {
      const { refresh: token } = await signIn();
      const first = await refresh(token);
      later(3);
      const second = await refresh(token, 1);
      assert.deepEqual([second.outcome, second.refresh], ["grace", first.refresh]);
      assert.ok(await signedIn(first.refresh));
    },
  },
  {
    // The answer is lost, and the client comes back with the token that it has, after 5 s and after 10 min.
    report: "https://github.com/bluesky-social/atproto/issues/5411",
    play: async ({ signIn, refresh, later, alarms }) => {
      for (const wait of [5, 600]) {
        const { refresh: token } = await signIn();
        assert.equal((await refresh(token)).outcome, "rotated");
        later(wait);
        const again = await refresh(token, 1);
        assert.equal(again.ok, true);
        later(60);
        assert.equal((await refresh(again.refresh)).outcome, "rotated");
      }
      assert.equal(alarms(), 0);
    },
  },
  {
    // A hundred requests with one token at once, on several servers, over compare-and-set.
    report: "https://github.com/ory/hydra/issues/3604",
    options: { around: ({ transact: _, ...store }) => store },
    play: async ({ signIn, refresh, events, signedIn }) => {
      const { refresh: token } = await signIn();
      const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => refresh(token, at % 2)));
      const given = answers.filter(({ ok }) => ok);
      assert.ok(answers.every(({ ok, retryable }) => ok || retryable));
      assert.equal(new Set(given.map(({ refresh }) => refresh)).size, 1);
      assert.equal(events.filter(({ type }) => type === "rotated").length, 1);
      assert.ok(await signedIn(given[0].refresh));
    },
  },
  {
    // CVE-2026-1035: two requests pass the check before either is counted, and get tokens of their own.
    report: "https://github.com/keycloak/keycloak/issues/45647",
    options: { around: slowly },
    play: async ({ signIn, refresh, events }) => {
      const { refresh: token } = await signIn();
      const [one, two] = await Promise.all([refresh(token, 0), refresh(token, 1)]);
      assert.equal(one.refresh, two.refresh);
      assert.equal(events.filter(({ type }) => type === "rotated").length, 1);
    },
  },
  {
    // The grandparent comes in the very second in which its grandchild was made.
    report: "https://github.com/keycloak/keycloak/issues/50999",
    play: async ({ signIn, refresh, later, alarms }) => {
      const { refresh: first } = await signIn();
      const second = await refresh(first);
      later(60);
      const third = await refresh(second.refresh);
      assert.equal((await refresh(first, 1)).error, "invalid_grant");
      assert.equal((await refresh(third.refresh)).error, "invalid_grant");
      assert.equal(alarms(), 1);
    },
  },
  {
    // A sign-out races a refresh, which must not bring the session back.
    report: "https://github.com/keycloak/keycloak/issues/51312",
    options: { around: slowly },
    play: async ({ servers, signIn, refresh, signedIn }) => {
      for (let round = 0; round < 10; round++) {
        const { refresh: token } = await signIn();
        const [next] = await Promise.all([refresh(token, 1), servers[0].revoke(token)]);
        for (const held of [token, next.refresh]) if (held !== undefined) assert.equal(await signedIn(held), false);
      }
    },
  },
  {
    // A replay arrives between the read and the write of the winner.
    report: "https://github.com/better-auth/better-auth/issues/11317",
    options: { around: slowly },
    play: async ({ signIn, refresh, alarms, signedIn }) => {
      const { refresh: token } = await signIn();
      const answers = await Promise.all([0, 1, 0, 1].map((at) => refresh(token, at)));
      assert.equal(new Set(answers.map(({ refresh }) => refresh)).size, 1);
      assert.equal(alarms(), 0);
      assert.ok(await signedIn(answers[0].refresh));
    },
  },
  {
    // A token that was stolen from one device ends the sessions of all.
    report: "https://github.com/HQBase/hqbase/issues/41",
    play: async ({ signIn, refresh, later, signedIn }) => {
      const sub = crypto.randomUUID();
      const [phone, laptop] = [await signIn({ sub }), await signIn({ sub })];
      let held = phone.refresh;
      for (let i = 0; i < 2; i++) {
        later(60);
        held = (await refresh(held)).refresh;
      }
      assert.equal((await refresh(phone.refresh)).error, "invalid_grant");
      assert.equal(await signedIn(held), false);
      assert.ok(await signedIn(laptop.refresh));
    },
  },
  {
    // A thief holds the token before the current one and uses it for as long as nobody looks.
    report: "https://github.com/cloudflare/workers-oauth-provider/issues/43",
    play: async ({ signIn, refresh, later, alarms }) => {
      const first = await signIn();
      let owner = (await refresh(first.refresh)).refresh;
      later(60);
      let thief = (await refresh(first.refresh)).refresh;
      let windows = 0;
      for (; windows < 5 && alarms() === 0; windows++) {
        later(60);
        const answer = await refresh(owner);
        if (answer.ok) owner = answer.refresh;
        later(60);
        const stolen = await refresh(thief);
        if (stolen.ok) thief = stolen.refresh;
      }
      assert.equal(windows, 1, "found by the owner's next use");
      for (const token of [owner, thief]) assert.equal((await refresh(token)).error, "invalid_grant");
    },
  },
  {
    // A refresh in the last minute of the grant.
    report: "https://github.com/cloudflare/workers-oauth-provider/issues/233",
    options: { sessions: { absolute: "1h", refreshIdle: "1h" } },
    play: async ({ signIn, refresh, later }) => {
      const { refresh: token } = await signIn();
      later(3600 - 5);
      const answer = await refresh(token);
      assert.equal(answer.ok, true);
      assert.ok(answer.expiresIn <= 5 && answer.refreshExpiresIn <= 5);
      later(5);
      assert.equal((await refresh(answer.refresh)).error, "invalid_grant");
    },
  },
  {
    // Several programs of one user share a file; one comes 5 min later with what it remembers of it.
    report: "https://github.com/anthropics/claude-code/issues/54443",
    transports: ["bearer"],
    play: async ({ signIn, refresh, later, alarms }) => {
      const file = { token: (await signIn()).refresh };
      const program = () => {
        const held = file.token;
        return async () => {
          const answer = await refresh(held);
          assert.equal(answer.ok, true);
          file.token = newerRefresh(file.token, answer.refresh);
        };
      };
      const [one, another] = [program(), program()];
      await one();
      later(300);
      await another();
      for (let i = 0; i < 10; i++) {
        later(300);
        await program()();
      }
      assert.equal(alarms(), 0);
    },
  },
  {
    // A client wakes after days, and its last answer had been lost.
    report: "https://github.com/neondatabase/mcp-server-neon/pull/233",
    play: async ({ signIn, refresh, later, alarms }) => {
      let { refresh: token } = await signIn();
      for (const days of [8, 5, 13]) {
        await refresh(token, 1);
        later(days * DAY);
        const answer = await refresh(token);
        assert.equal(answer.ok, true, `after ${days} days`);
        later(60);
        token = (await refresh(answer.refresh)).refresh;
      }
      assert.equal(alarms(), 0);
    },
  },
  {
    // Answers arrive in another order than the requests, and each writes its cookies.
    report: "https://github.com/nextauthjs/next-auth/issues/8897",
    transports: ["cookie"],
    play: async ({ signIn, refresh, later, alarms }) => {
      let jar = (await signIn()).refresh;
      for (let round = 0; round < 20; round++) {
        later(40);
        const answers = [await refresh(jar), await refresh(jar, 1), await refresh(jar)];
        for (const answer of answers.reverse()) {
          assert.equal(answer.ok, true);
          const [cookie] = answer.setCookies;
          if (cookie !== undefined) jar = cookie.slice(cookie.indexOf("=") + 1, cookie.indexOf(";"));
        }
      }
      assert.equal(alarms(), 0);
    },
  },
  {
    // A read of the store fails, and is taken for theft.
    report: "https://github.com/giantswarm/mcp-oauth/issues/511",
    options: { around: failing },
    play: async ({ signIn, refresh, events, signedIn }) => {
      const { refresh: token } = await signIn();
      down = true;
      const answer = await refresh(token);
      down = false;
      assert.deepEqual([answer.error, answer.status, answer.retryable], ["temporarily_unavailable", 503, true]);
      assert.ok(await signedIn(token));
      assert.deepEqual(
        events.map(({ type }) => type),
        ["issued", "store_failed", "rotated"],
      );
    },
  },
  {
    // A second factor was given, and a token of before it goes on with what it was given afterwards.
    report: "https://github.com/supabase/auth/issues/2624",
    play: async ({ servers, signIn, refresh, later }, transport) => {
      const low = await signIn({ acr: "pwd" });
      const before = await refresh(low.refresh);
      later(60);
      const raised = await servers[0].stepUp(before.refresh, { acr: "mfa", transport });
      const used = await refresh(raised.refresh);
      assert.equal(used.claims.acr, "mfa");
      later(31);
      for (const old of [low.refresh, before.refresh]) assert.equal((await refresh(old, 1)).error, "invalid_grant");
      assert.equal((await refresh(used.refresh)).claims.acr, "mfa");
    },
  },
];

for (const { report, transports = BOTH, options, play } of INCIDENTS) {
  describe(report, () => {
    for (const storeName of ["memory", "Redis"]) {
      for (const transport of transports) {
        test(`${storeName}, by ${transport}`, () => play(world(storeName, transport, options), transport));
      }
    }
  });
}

test("the page tells each of them, and no other", () => {
  const page = readFileSync(new URL("../../docs/incidents.md", import.meta.url), "utf8");
  const told = [...page.matchAll(/^## \[[^\]]+\]\((\S+)\)$/gm)].map(([, link]) => link);
  assert.deepEqual(
    told,
    INCIDENTS.map(({ report }) => report),
  );
});

let down = false;

function failing(store) {
  const failing =
    (method) =>
    async (...all) => {
      if (down) throw new Error("the store is away");
      return store[method](...all);
    };
  const { transact: _, ...rest } = store;
  return { ...rest, load: failing("load") };
}

/** Read and write apart, with time for others in between. */
function slowly({ transact: _, ...store }) {
  const pause = () => new Promise((resume) => setTimeout(resume, Math.random() * 5));
  return {
    ...store,
    load: async (...all) => {
      const loaded = await store.load(...all);
      await pause();
      return loaded;
    },
    compareAndSet: async (...all) => {
      await pause();
      return store.compareAndSet(...all);
    },
  };
}
