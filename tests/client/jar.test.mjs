// Browsers that lose cookies, or keep none. Each case runs again with its protection taken out of the client, and has to
// fail then.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { inBrowsers } from "./bed.mjs";
import { gate, until } from "./network.mjs";

const ACCESS = "__Host-Http-access";
const REFRESH = "__Host-Http-refresh";
const COMPANION = "session";

const jarOf = async ({ context, network }) => {
  const cookies = await context.cookies(network.url);
  return new Map(cookies.map((cookie) => [cookie.name, cookie]));
};

/** A tab whose jar lost the write of one cookie at the last refresh, which is longer ago than the server's grace. */
async function lostWrite(tabs, name) {
  const tab = await tabs.tab();
  await tab.signIn();
  const old = (await jarOf(tabs)).get(name);
  // Within the grace the server would hand out the same refresh token again.
  await pause(2_500);
  await tab.refresh();
  assert.notEqual((await jarOf(tabs)).get(name).value, old.value);
  await tabs.context.addCookies([old]);
  assert.equal((await jarOf(tabs)).get(name).value, old.value);
  await pause(2_500);
  return tab;
}

/** Signed in all along, with a server that agrees. */
async function goesOn(tabs, tab) {
  const before = await tab.expiresAt();
  await tab.wake();
  await until(async () => (await tab.expiresAt()) > before, 10_000);
  assert.deepEqual([...new Set(await tab.changes())], ["signed-out", "signed-in"]);
  assert.equal(await tab.get("/api/me"), 200);
  assert.ok(tabs.refreshes() <= 5, `${tabs.refreshes()} refreshes`);
}

const FLAGS = ["--access-ttl", "9s", "--grace", "2s"];

inBrowsers("a jar that loses cookies", FLAGS, ({ test, protectedBy }) => {
  for (const name of [ACCESS, REFRESH, COMPANION]) {
    test(`it lost the write of ${name}, and has the one of before`, {}, async (tabs) => {
      await goesOn(tabs, await lostWrite(tabs, name));
    });
  }

  test(`it lost ${ACCESS}`, {}, async (tabs) => {
    const tab = await tabs.tab();
    await tab.signIn();
    await tabs.context.clearCookies({ name: ACCESS });
    assert.equal(await tab.get("/api/me"), 200);
    await goesOn(tabs, tab);
  });

  protectedBy("what the browser lost is no sign-out", `it lost ${COMPANION}`, {}, async (tabs) => {
    const tab = await tabs.tab();
    await tab.signIn();
    await pause(1_100);
    await tabs.context.clearCookies({ name: COMPANION });
    await goesOn(tabs, tab);
    assert.ok((await jarOf(tabs)).has(COMPANION));
  });

  test(`it lost ${REFRESH}: signed out when the access token ends, once, and nothing is left`, {}, async (tabs) => {
    const [tab, other] = [await tabs.tab(), await tabs.tab()];
    await tab.signIn();
    await tabs.context.clearCookies({ name: REFRESH });
    assert.equal(await tab.get("/api/me"), 200);
    await until(async () => (await tab.status()) === "signed-out", 12_000);
    await until(async () => (await other.status()) === "signed-out");
    for (let look = 0; look < 3; look += 1) {
      await Promise.all([tab.wake(), other.wake()]);
      await pause(300);
    }
    for (const { changes } of [tab, other]) {
      assert.deepEqual(await changes(), ["signed-out", "signed-in", "signed-out"]);
    }
    assert.ok(tabs.refreshes() <= 2, `${tabs.refreshes()} refreshes`);
    assert.equal((await jarOf(tabs)).has(COMPANION), false);
  });

  protectedBy(
    "an ended session stays ended",
    "a server that ends the session, and clears nothing",
    {},
    async (tabs) => {
      const tab = await tabs.tab();
      await tab.signIn();
      tabs.network.onPath("/auth/refresh", { answer: () => ({ status: 401 }) });
      await tab.refresh();
      for (let look = 0; look < 3; look += 1) {
        await tab.wake();
        await pause(300);
      }
      assert.deepEqual(await tab.changes(), ["signed-out", "signed-in", "signed-out"]);
      assert.equal(tabs.refreshes(), 1);
      // The next page does not take it for a session either.
      const next = await tabs.tab();
      assert.equal(await next.status(), "signed-out");
    },
  );

  protectedBy(
    "an ended session stays ended",
    "an answer on its way while another tab signs out brings nothing back",
    {},
    async (tabs) => {
      const [tab, other] = [await tabs.tab(), await tabs.tab()];
      await tab.signIn();
      await until(async () => (await other.status()) === "signed-in");
      // The edge refreshes this request on its way, so that the answer carries cookies.
      await tabs.context.clearCookies({ name: ACCESS });
      const { hold, waiting, release } = gate();
      tabs.network.onPath("/api/me", { hold });
      const asking = tab.get("/api/me");
      await waiting;
      await other.signOut();
      await until(async () => (await tab.status()) === "signed-out");
      release();
      assert.equal(await asking, 200);
      assert.ok((await jarOf(tabs)).has(COMPANION), "the late answer has written");
      await Promise.all([tab.wake(), other.wake()]);
      await pause(500);
      for (const { changes } of [tab, other]) {
        assert.deepEqual(await changes(), ["signed-out", "signed-in", "signed-out"]);
      }
      tabs.network.asItIs("/api/me");
      assert.equal(await tab.get("/api/me"), 401);
      assert.equal((await jarOf(tabs)).has(COMPANION), false);
      // The same person may sign in again.
      await tab.signIn();
      await until(async () => (await other.status()) === "signed-in");
      assert.equal(await other.get("/api/me"), 200);
    },
  );

  protectedBy(
    "blocked storage is no accident",
    "a page of an opaque origin, whose cookies and locks throw",
    { headers: { "content-security-policy": "sandbox allow-scripts" } },
    async (tabs) => {
      const tab = await tabs.tab();
      assert.deepEqual(await tabs.problems(), []);
      await tab.wake();
      await pause(500);
      assert.equal(await tab.status(), "signed-out");
      assert.equal(tabs.refreshes(), 0);
    },
  );
});

// What shows that the recovery of the server is what saves a jar with the token of before.
inBrowsers("a jar that loses cookies, and a server without recovery", [...FLAGS, "--recovery", "0s"], ({ test }) => {
  test(`it lost the write of ${REFRESH}: signed out`, {}, async (tabs) => {
    const tab = await lostWrite(tabs, REFRESH);
    await assert.rejects(goesOn(tabs, tab), assert.AssertionError);
    assert.equal(await tab.status(), "signed-out");
  });
});
