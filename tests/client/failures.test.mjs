// Networks and servers that fail: nobody is signed out, and nothing storms. Each case runs again with its protection
// taken out of the client, and has to fail then.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { inBrowsers } from "./bed.mjs";
import { until } from "./network.mjs";

inBrowsers("failures", ["--access-ttl", "6s", "--grace", "20s"], ({ protectedBy }) => {
  async function signedIn(tabs) {
    const tab = await tabs.tab();
    await tab.signIn();
    const first = await tab.expiresAt();
    return {
      tab,
      /** The session was there all along, and is fresh again. */
      async goesOn(milliseconds) {
        await until(async () => (await tab.expiresAt()) > first, milliseconds);
        assert.deepEqual([...new Set(await tab.changes())], ["signed-out", "signed-in"]);
      },
    };
  }
  const failed = async (tab) => until(async () => (await tab.retries()).length > 0, 10_000);

  protectedBy("network errors keep the session", "offline, and back", {}, async (tabs) => {
    const { tab, goesOn } = await signedIn(tabs);
    await tabs.context.setOffline(true);
    await failed(tab);
    await pause(2_000);
    assert.equal(await tab.status(), "signed-in");
    assert.ok((await tab.retries()).length <= 3, "tries are spread out");
    await tabs.context.setOffline(false);
    await goesOn(12_000);
  });

  protectedBy("a network that is back is worth a try at once", "offline for longer, and back", {}, async (tabs) => {
    const { tab, goesOn } = await signedIn(tabs);
    await tabs.context.setOffline(true);
    // The next try by the clock would come in four to eight seconds.
    await until(async () => (await tab.retries()).length === 3, 25_000);
    await tabs.context.setOffline(false);
    await goesOn(2_500);
  });

  protectedBy("network errors keep the session", "nobody listens for ten seconds", {}, async (tabs) => {
    const { tab, goesOn } = await signedIn(tabs);
    tabs.network.down();
    await pause(10_000);
    assert.equal(await tab.status(), "signed-in");
    const tries = (await tab.retries()).length;
    assert.ok(tries >= 1 && tries <= 4, `${tries} tries in ten seconds`);
    tabs.network.up();
    await goesOn(20_000);
  });

  protectedBy("server errors keep the session", "the Worker answers 503 for ten seconds", {}, async (tabs) => {
    const { tab, goesOn } = await signedIn(tabs);
    tabs.network.onPath("/auth/refresh", { answer: () => ({ status: 503, headers: { "retry-after": "1" } }) });
    await pause(10_000);
    assert.equal(await tab.status(), "signed-in");
    assert.ok(tabs.refreshes() >= 1 && tabs.refreshes() <= 4, `${tabs.refreshes()} tries in ten seconds`);
    tabs.network.asItIs("/auth/refresh");
    await goesOn(20_000);
  });

  protectedBy("server errors keep the session", "a proxy answers with a page of its own", {}, async (tabs) => {
    const { tab, goesOn } = await signedIn(tabs);
    const page = {
      status: 200,
      headers: { "content-type": "text/html" },
      body: "<h1>Sign in to the hotel's network</h1>",
    };
    tabs.network.onPath("/auth/refresh", { answer: () => page });
    await failed(tab);
    tabs.network.onPath("/auth/refresh", { answer: () => ({ ...page, status: 403 }) });
    const before = tabs.refreshes();
    await until(() => tabs.refreshes() > before, 10_000);
    await pause(300);
    tabs.network.asItIs("/auth/refresh");
    await goesOn(20_000);
  });

  protectedBy("network errors keep the session", "the answer to a refresh is lost", {}, async (tabs) => {
    const { tab, goesOn } = await signedIn(tabs);
    let lost = 0;
    tabs.network.onPath("/auth/refresh", {
      hold: async () => {
        lost += 1;
        return "lost";
      },
    });
    await failed(tab);
    tabs.network.asItIs("/auth/refresh");
    assert.ok(lost >= 1);
    await goesOn(12_000);
  });

  protectedBy("few refreshes a minute", "a storm of 401s", {}, async (tabs) => {
    const { tab } = await signedIn(tabs);
    tabs.network.onPath("/api/me", { answer: () => ({ status: 401 }) });
    for (let round = 0; round < 12; round += 1) {
      const answers = await Promise.all(Array.from({ length: 5 }, () => tab.get("/api/me")));
      assert.deepEqual([...new Set(answers)], [401]);
      await pause(300);
    }
    assert.equal(await tab.status(), "signed-in");
    assert.ok(tabs.refreshes() <= 6, `${tabs.refreshes()} refreshes`);
  });
});
