// Several tabs of one session, in real browsers. Each case runs again with its protection taken out of the client, and
// has to fail then.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { inBrowsers } from "./bed.mjs";
import { gate, until } from "./network.mjs";

// Below a minute no chance shortens the life of a token: a later one expires later.
inBrowsers("several tabs", ["--access-ttl", "59s", "--grace", "20s"], ({ test, protectedBy }) => {
  /** Two tabs, both signed in. */
  async function twoTabs(tabs) {
    const [one, two] = [await tabs.tab(), await tabs.tab()];
    await one.signIn();
    await until(async () => (await two.status()) === "signed-in");
    return [one, two];
  }
  /** Times are whole seconds: the next token has to be told from this one. */
  const nextSecond = () => pause(1_100);

  protectedBy("one tab at a time", "two tabs that refresh at once ask once", {}, async (tabs) => {
    const [one, two] = await twoTabs(tabs);
    const before = await one.expiresAt();
    await nextSecond();
    const { hold, waiting, release } = gate();
    tabs.network.onPath("/auth/refresh", { hold });
    const first = one.refresh();
    await waiting;
    const second = two.refresh();
    await pause(500);
    release();
    await Promise.all([first, second]);
    await until(async () => (await two.expiresAt()) === (await one.expiresAt()));
    assert.ok((await one.expiresAt()) > before);
    assert.equal(tabs.refreshes(), 1);
  });

  test("two tabs refresh at once where the browser has no locks: the server's grace makes it harmless", {
    before: "Object.defineProperty(navigator, 'locks', { value: undefined });",
  }, async (tabs) => {
    const [one, two] = await twoTabs(tabs);
    for (let round = 1; round <= 3; round += 1) {
      await nextSecond();
      // Neither tab hears of the other's answer before the Worker has answered both.
      tabs.network.onPath("/auth/refresh", { hold: () => until(() => tabs.refreshes() === 2 * round) });
      await Promise.all([one.refresh(), two.refresh()]);
      // Answers of two seconds: the tab with the older one hears of the newer, and has it before the next round.
      await until(async () => (await two.expiresAt()) === (await one.expiresAt()));
    }
    assert.deepEqual([await one.status(), await two.status()], ["signed-in", "signed-in"]);
    assert.equal(await two.get("/api/me"), 200);
  });

  protectedBy("a lock is waited for only so long", "a tab that hangs with the lock in its hand", {}, async (tabs) => {
    const [one, two] = await twoTabs(tabs);
    const before = await two.expiresAt();
    await one.page.evaluate(async () => {
      const { promise, resolve } = Promise.withResolvers();
      navigator.locks.request("tandem-jwt /auth/refresh session", () => resolve() ?? new Promise(() => {}));
      await promise;
    });
    await nextSecond();
    // Without the protection it never ends, and the page is closed over it.
    two.refresh().catch(() => {});
    await until(async () => (await two.expiresAt()) > before, 10_000);
    assert.equal(await two.status(), "signed-in");
  });

  protectedBy("other tabs are told", "signing in and out in one tab reaches the other at once", {}, async (tabs) => {
    const [one, two] = [await tabs.tab(), await tabs.tab()];
    await one.signIn();
    await until(async () => (await two.status()) === "signed-in", 1_500);
    await two.signOut();
    await until(async () => (await one.status()) === "signed-out", 1_500);
    await two.signIn("alan", "turing");
    await until(async () => (await one.status()) === "signed-in", 1_500);
    assert.equal((await one.snapshot()).claims.name, "Alan Turing");
    assert.deepEqual(await one.changes(), ["signed-out", "signed-in", "signed-out", "signed-in"]);
  });

  protectedBy(
    "every wake is a look",
    "without a channel a tab knows when somebody comes back to it",
    {
      before: "delete globalThis.BroadcastChannel;",
    },
    async (tabs) => {
      const [one, two] = [await tabs.tab(), await tabs.tab()];
      await one.signIn();
      await two.wake();
      await until(async () => (await two.status()) === "signed-in", 1_500);
      await one.signOut();
      await one.signIn("alan", "turing");
      await two.wake();
      await until(async () => (await two.snapshot()).claims?.name === "Alan Turing", 1_500);
      await one.signOut();
      await two.wake();
      await until(async () => (await two.status()) === "signed-out", 1_500);
    },
  );

  protectedBy(
    "late answers of an ended session do not count",
    "sign-out in one tab during a refresh in another",
    {},
    async (tabs) => {
      const [one, two] = await twoTabs(tabs);
      const { hold, waiting, release } = gate();
      tabs.network.onPath("/auth/refresh", { hold });
      const refreshing = one.refresh();
      await waiting;
      await two.signOut();
      await until(async () => (await one.status()) === "signed-out", 1_500);
      release();
      await refreshing;
      await pause(1_000);
      assert.deepEqual(await one.changes(), ["signed-out", "signed-in", "signed-out"]);
      assert.deepEqual(await two.changes(), ["signed-out", "signed-in", "signed-out"]);
      assert.equal(await one.get("/api/me"), 401);
    },
  );
});
