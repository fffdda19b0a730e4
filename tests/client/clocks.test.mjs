// Clocks that are wrong, timers that die, tabs and whole browsers that sleep. Each case runs again with its protection
// taken out of the client, and has to fail then.

import assert from "node:assert/strict";
import test, { after, before, describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { browsers } from "../browser/browsers.mjs";
import { HOUR, inBrowsers, startServer, startTabs, wrongBy } from "./bed.mjs";
import { until } from "./network.mjs";

/** Seconds that an access token lives here. It is refreshed when two thirds of that are over. */
const LIFE = 9;
const FLAGS = ["--access-ttl", `${LIFE}s`, "--grace", "20s"];

inBrowsers("clocks", FLAGS, ({ name, protectedBy }) => {
  async function signedIn(tabs) {
    const tab = await tabs.tab();
    await tab.signIn();
    return { tab, first: await tab.expiresAt() };
  }
  const isRefreshed = async ({ tab, first }, milliseconds) => {
    await until(async () => (await tab.expiresAt()) > first, milliseconds);
    assert.deepEqual([...new Set(await tab.changes())], ["signed-out", "signed-in"]);
  };

  protectedBy("the server's clock counts", "a clock one hour ahead", { before: wrongBy(HOUR) }, async (tabs) => {
    const { tab } = await signedIn(tabs);
    await pause(11_000);
    assert.equal(await tab.status(), "signed-in");
    assert.ok(tabs.refreshes() <= 3, `${tabs.refreshes()} refreshes in eleven seconds`);
  });

  protectedBy("the server's clock counts", "a clock one hour behind", { before: wrongBy(-HOUR) }, async (tabs) => {
    const session = await signedIn(tabs);
    await isRefreshed(session, 12_000);
    assert.ok(tabs.refreshes() <= 3);
  });

  protectedBy("the server's clock counts", "a clock that jumps an hour ahead", { before: wrongBy(0) }, async (tabs) => {
    const session = await signedIn(tabs);
    await session.tab.page.evaluate((jump) => globalThis.setWrong(jump), HOUR);
    await pause(11_000);
    await isRefreshed(session, 0);
    assert.ok(tabs.refreshes() <= 3, `${tabs.refreshes()} refreshes in eleven seconds`);
  });

  protectedBy(
    "a clock that was set back is found out",
    "a clock that is set back an hour",
    { before: wrongBy(0) },
    async (tabs) => {
      const session = await signedIn(tabs);
      await pause(500);
      await session.tab.page.evaluate((jump) => globalThis.setWrong(jump), -HOUR);
      await isRefreshed(session, 12_000);
      assert.ok(tabs.refreshes() <= 3);
    },
  );

  // https://github.com/supabase/supabase/issues/6464
  protectedBy(
    "every wake is a look",
    "a laptop that slept for an hour, whose timers died in sleep",
    { before: `${wrongBy(0)} globalThis.setInterval = () => 0;` },
    async (tabs) => {
      const session = await signedIn(tabs);
      // Times are whole seconds: the next token has to be told from this one.
      await pause(1_100);
      await session.tab.page.evaluate((slept) => {
        globalThis.setWrong(slept);
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
      }, HOUR);
      await isRefreshed(session, 3_000);
    },
  );

  if (name === "Chromium") {
    protectedBy("the clock is looked at often", "a tab that is frozen, and thawed", {}, async (tabs) => {
      const session = await signedIn(tabs);
      const devtools = await tabs.context.newCDPSession(session.tab.page);
      await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
      await pause((LIFE + 2) * 1_000);
      await devtools.send("Page.setWebLifecycleState", { state: "active" });
      await isRefreshed(session, 5_000);
      assert.ok(tabs.refreshes() <= 2);
    });
  }
});

for (const { name, skip, launchServer, connect } of browsers) {
  describe(`a browser that sleeps, in ${name}`, { skip }, () => {
    let server;
    before(async () => {
      server = await startServer(...FLAGS);
    });
    after(() => server?.stop());

    /** All processes of the browser stop, as they do when a lid is closed, until the token is over. */
    async function sleep(without) {
      const process_ = await launchServer();
      const tabs = await startTabs(await connect(process_), server, { without });
      const group = -process_.process().pid;
      try {
        const tab = await tabs.tab();
        await tab.signIn();
        const first = await tab.expiresAt();
        process.kill(group, "SIGSTOP");
        await pause((LIFE + 2) * 1_000);
        process.kill(group, "SIGCONT");
        await until(async () => (await tab.expiresAt()) > first, 8_000);
        assert.deepEqual([...new Set(await tab.changes())], ["signed-out", "signed-in"]);
        assert.ok(tabs.refreshes() <= 2);
      } finally {
        await tabs.close();
        await process_.close();
      }
    }

    test("it goes on with the session when it wakes", () => sleep());
    test('it does not without "the clock is looked at often"', () =>
      assert.rejects(sleep("the clock is looked at often"), assert.AssertionError));
  });
}
