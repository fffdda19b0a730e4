import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startEdge } from "./harness.mjs";

const DOWN = { "test-store": "down" };

describe("when something is away", () => {
  let edge;
  before(async () => (edge = await startEdge()));
  after(() => edge.stop());

  async function expired() {
    const browser = edge.browser();
    await browser.signIn();
    browser.now += 901;
    return browser;
  }

  async function assertRetryable(response) {
    assert.equal(response.status, 503);
    assert.ok(Number(response.headers.get("retry-after")) >= 1);
    assert.equal(response.headers.getSetCookie().length, 0, "no cookie is set or cleared");
    assert.equal((await response.json()).error, "temporarily_unavailable");
  }

  test("without the store nobody is signed out", async () => {
    const browser = await expired();
    await assertRetryable(await browser.fetch("/api/echo", { headers: DOWN }));
    await assertRetryable(await browser.fetch("/open/echo", { headers: DOWN }));
    await assertRetryable(await browser.post("/auth/refresh", undefined, { headers: DOWN }));
    await assertRetryable(await browser.fetch("/api/page", { headers: { ...DOWN, "test-mode": "navigate" } }));
    assert.equal((await browser.fetch("/api/echo")).status, 200);
    assert.equal(browser.claims("__Host-refresh").gen, 1);
  });

  test("an access token that is good needs no store", async () => {
    const browser = edge.browser();
    await browser.signIn();
    assert.equal((await browser.fetch("/api/echo", { headers: DOWN })).status, 200);
    await assertRetryable(await browser.fetch("/checked/x", { headers: DOWN }));
  });

  test("nobody is half signed in, nor half signed out", async () => {
    const browser = edge.browser();
    await assertRetryable(await browser.signIn("ada", { headers: DOWN }));
    await browser.signIn();
    await assertRetryable(await browser.post("/auth/logout", undefined, { headers: DOWN }));
    assert.equal((await browser.fetch("/checked/x")).status, 200);
  });

  test("a store that dies between its write and its answer: the parent still works, at once and much later", async () => {
    for (const later of [1, 20, 60, 86_400]) {
      const browser = await expired();
      await assertRetryable(await browser.fetch("/api/echo", { headers: { "test-store": "mute" } }));
      browser.now += later;
      assert.equal((await browser.fetch("/api/echo")).status, 200, `${later} s later`);
      browser.now += 901;
      assert.equal((await browser.fetch("/api/echo")).status, 200);
    }
  });

  test("claims that cannot be read again commit nothing", async () => {
    const browser = await expired();
    await assertRetryable(await browser.fetch("/api/echo", { headers: { "test-claims": "down" } }));
    assert.equal((await browser.fetch("/api/echo")).status, 200);
    assert.equal(browser.claims("__Host-refresh").gen, 1);
  });

  test("the operator hears of it", async () => {
    const browser = await expired();
    await edge.events();
    await browser.fetch("/api/echo", { headers: DOWN });
    assert.deepEqual(await edge.events(), ["store_failed"]);
    await browser.fetch("/api/echo", { headers: { "test-claims": "down" } });
    assert.deepEqual(await edge.events(), ["claims_failed"]);
  });
});
