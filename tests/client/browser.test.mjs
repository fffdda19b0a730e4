// Every way in which a page of an honest user could lose its session, in real tabs. Each case runs again with its
// protection taken out of the client, and has to fail then.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { launch, skip } from "../browser/chromium.mjs";
import { startServer, startTabs } from "./bed.mjs";

/** Seconds that an access token lives here. Short, so that tests see several. */
const LIFE = 6;

describe("the client in a browser", { skip, concurrency: 4 }, () => {
  let server;
  let browser;
  before(async () => {
    server = await startServer("--access-ttl", `${LIFE}s`, "--grace", "20s", "--refresh-idle", "14d");
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** A case with its protection, and without. */
  function protectedBy(protection, name, options, run) {
    test(name, async () => {
      const tabs = await startTabs(browser, server.url, options);
      try {
        await run(tabs);
        assert.deepEqual(tabs.problems, []);
      } finally {
        await tabs.close();
      }
    });
    test(`${name}: fails without "${protection}"`, async () => {
      const tabs = await startTabs(browser, server.url, { ...options, without: protection });
      try {
        await assert.rejects(async () => {
          await run(tabs);
          assert.deepEqual(tabs.problems, []);
        });
      } finally {
        await tabs.close();
      }
    });
  }

  protectedBy("one tab at a time", "two tabs whose token ends at once ask once", {}, async (tabs) => {
    const [one, two] = [await tabs.tab(), await tabs.tab()];
    await one.signIn();
    await until(async () => (await two.status()) === "signed-in");
    const { expiresAt } = await one.snapshot();
    // Times are whole seconds: the next token has to be told from this one.
    await pause(1_100);
    await Promise.all([one.refresh(), two.refresh()]);
    await until(async () => (await two.snapshot()).expiresAt === (await one.snapshot()).expiresAt);
    assert.ok((await one.snapshot()).expiresAt > expiresAt);
    assert.equal(tabs.refreshes.length, 1);
  });

  protectedBy("other tabs are told", "signing in and out in one tab reaches the other at once", {}, async (tabs) => {
    const [one, two] = [await tabs.tab(), await tabs.tab()];
    await one.signIn();
    await until(async () => (await two.status()) === "signed-in", 1_500);
    await two.signOut();
    await until(async () => (await one.status()) === "signed-out", 1_500);
    assert.deepEqual(await one.changes(), ["signed-in", "signed-out"]);
  });

  protectedBy("network errors keep the session", "offline, and back", {}, async (tabs) => {
    const tab = await tabs.tab();
    await tab.signIn();
    const { expiresAt } = await tab.snapshot();
    await tabs.context.setOffline(true);
    await until(async () => (await tab.retries()).length > 0, 8_000);
    await pause(2_000);
    assert.equal(await tab.status(), "signed-in");
    assert.ok((await tab.retries()).length <= 3, "tries are spread out");
    await tabs.context.setOffline(false);
    await until(async () => (await tab.snapshot()).expiresAt > expiresAt, 12_000);
    assert.deepEqual([...new Set(await tab.changes())], ["signed-in"]);
  });

  protectedBy("server errors keep the session", "the Worker is down for ten seconds", {}, async (tabs) => {
    const tab = await tabs.tab();
    await tab.signIn();
    const { expiresAt } = await tab.snapshot();
    await tabs.context.route("**/auth/refresh", (route) =>
      route.fulfill({ status: 503, headers: { "retry-after": "1" }, body: "{}" }),
    );
    await pause(10_000);
    assert.equal(await tab.status(), "signed-in");
    assert.ok(tabs.refreshes.length <= 5, `${tabs.refreshes.length} tries in ten seconds`);
    await tabs.context.unroute("**/auth/refresh");
    await until(async () => (await tab.snapshot()).expiresAt > expiresAt, 20_000);
    assert.deepEqual([...new Set(await tab.changes())], ["signed-in"]);
  });

  protectedBy("the clock is looked at often, and at every wake", "frozen, and thawed", {}, async (tabs) => {
    const tab = await tabs.tab();
    await tab.signIn();
    const { expiresAt } = await tab.snapshot();
    const devtools = await tabs.context.newCDPSession(tab.page);
    await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
    await pause((LIFE + 2) * 1_000);
    await devtools.send("Page.setWebLifecycleState", { state: "active" });
    await until(async () => (await tab.snapshot()).expiresAt > expiresAt, 5_000);
    assert.equal(await tab.status(), "signed-in");
    assert.ok(tabs.refreshes.length <= 2);
  });

  const wrongClock = (milliseconds) => `
    const now = Date.now.bind(Date);
    globalThis.wrong = ${milliseconds};
    Date.now = () => now() + globalThis.wrong;`;

  protectedBy(
    "the server's clock counts",
    "a clock one hour ahead",
    { before: wrongClock(3_600_000) },
    async (tabs) => {
      const tab = await tabs.tab();
      await tab.signIn();
      await pause(9_000);
      assert.equal(await tab.status(), "signed-in");
      assert.ok(tabs.refreshes.length <= 3, `${tabs.refreshes.length} refreshes in nine seconds`);
    },
  );

  test("a clock one hour behind", async () => {
    const tabs = await startTabs(browser, server.url, { before: wrongClock(-3_600_000) });
    const tab = await tabs.tab();
    await tab.signIn();
    const { expiresAt } = await tab.snapshot();
    await until(async () => (await tab.snapshot()).expiresAt > expiresAt, 9_000);
    assert.ok(tabs.refreshes.length <= 3);
    await tabs.close();
  });

  protectedBy(
    "a clock that was set back is found out",
    "a clock that is set back an hour while the page is open",
    { before: wrongClock(0) },
    async (tabs) => {
      const tab = await tabs.tab();
      await tab.signIn();
      const { expiresAt } = await tab.snapshot();
      await pause(500);
      await tab.page.evaluate(() => {
        globalThis.wrong = -3_600_000;
      });
      await until(async () => (await tab.snapshot()).expiresAt > expiresAt, 9_000);
      assert.ok(tabs.refreshes.length <= 3);
    },
  );

  protectedBy("few refreshes a minute", "a storm of 401s", {}, async (tabs) => {
    const tab = await tabs.tab();
    await tab.signIn();
    await tabs.context.route("**/api/*", (route) => route.fulfill({ status: 401, body: "{}" }));
    for (let round = 0; round < 12; round += 1) {
      const answers = await Promise.all(Array.from({ length: 5 }, () => tab.get("/api/hello")));
      assert.deepEqual([...new Set(answers)], [401]);
      // A second apart, or the token of the next round is the one of this.
      await pause(300);
    }
    assert.equal(await tab.status(), "signed-in");
    assert.ok(tabs.refreshes.length <= 6, `${tabs.refreshes.length} refreshes`);
  });

  protectedBy(
    "late answers of an ended session do not count",
    "sign-out in one tab during a refresh in another",
    {},
    async (tabs) => {
      const [one, two] = [await tabs.tab(), await tabs.tab()];
      await one.signIn();
      await until(async () => (await two.status()) === "signed-in");
      await tabs.context.route("**/auth/refresh", async (route) => {
        const response = await route.fetch();
        await pause(1_500);
        await route.fulfill({ response });
      });
      const refreshing = one.refresh();
      await pause(500);
      await two.signOut();
      await refreshing;
      await pause(2_000);
      assert.equal(await one.status(), "signed-out");
      assert.equal(await two.status(), "signed-out");
      assert.deepEqual(await one.changes(), ["signed-in", "signed-out"]);
    },
  );

  protectedBy("an ended session stays ended", "a cookie jar that lost one of two writes", {}, async (tabs) => {
    const tab = await tabs.tab();
    await tab.signIn();
    // The refresh cookie is gone, and the server cannot clear the companion either.
    await tabs.context.route("**/auth/refresh", (route) => route.fulfill({ status: 401, body: "{}" }));
    await tab.refresh();
    for (let look = 0; look < 3; look += 1) {
      await tab.page.evaluate(() => globalThis.dispatchEvent(new Event("focus")));
      await pause(300);
    }
    assert.deepEqual(await tab.changes(), ["signed-in", "signed-out"]);
    assert.equal(tabs.refreshes.length, 1);
  });

  protectedBy(
    "blocked storage is no accident",
    "storage is blocked",
    {
      before: `
        Object.defineProperty(document, "cookie", { get() { throw new DOMException("denied", "SecurityError"); } });
        delete globalThis.BroadcastChannel;
        navigator.locks.request = () => Promise.reject(new DOMException("denied", "SecurityError"));`,
    },
    async (tabs) => {
      const tab = await tabs.tab();
      await pause(500);
      assert.equal(await tab.status(), "signed-out");
      assert.equal(await tab.get("/api/hello"), 401);
      assert.equal(tabs.refreshes.length, 0);
    },
  );
});

/** Waits until a condition holds. */
async function until(holds, milliseconds = 5_000) {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come to hold in ${milliseconds} ms: ${holds}`);
    await pause(50);
  }
}
