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
    await assertRetryable(await browser.post("/auth/refresh", undefined, { headers: DOWN }));
    await assertRetryable(await browser.fetch("/api/page", { headers: { ...DOWN, "test-mode": "navigate" } }));
    assert.equal((await browser.fetch("/api/echo")).status, 200);
    assert.equal(browser.claims("__Host-Http-refresh").gen, 1);
  });

  test("without the store, what is open to everyone is open, as for a stranger", async () => {
    const browser = await expired();
    const { cookie } = browser;
    for (const [path, status] of [
      ["/open/echo", 200],
      ["/sign-in", 404],
    ]) {
      const response = await browser.fetch(path, { headers: DOWN });
      // No origin is behind the sign-in page here: what is not there was let through.
      assert.equal(response.status, status, path);
      assert.equal(response.headers.getSetCookie().length, 0, "no cookie is set or cleared");
      assert.match(response.headers.get("cache-control"), /^private|no-store/);
      if (status === 200) assert.equal((await response.json()).headers.authorization, undefined);
    }
    assert.equal(browser.cookie, cookie);
    assert.ok((await edge.events()).includes("store_failed"));
    assert.equal((await browser.fetch("/open/echo")).status, 200);
    assert.equal(browser.claims("__Host-Http-refresh").gen, 1, "signed in as before, once it is back");
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
    assert.equal(browser.claims("__Host-Http-refresh").gen, 1);
  });

  test("a sign-in that cannot be read is the sender's fault, and nobody's alarm", async () => {
    const browser = edge.browser();
    await edge.events();
    const send = (body, type) =>
      browser.fetch("/auth/login", {
        method: "POST",
        body,
        headers: type === undefined ? {} : { "content-type": type },
      });
    for (const body of ["", "{", "null", "\u0000"]) {
      assert.equal((await send(body, "application/json")).status, 400, body);
    }
    assert.equal((await send("x=1", "application/x-www-form-urlencoded")).status, 400, "JSON is asked for");
    assert.equal((await send("--x", "multipart/form-data; boundary=y")).status, 400);
    assert.equal((await send("x".repeat(17_000), "application/json")).status, 413);
    assert.deepEqual(await edge.events(), []);
  });

  test("a mistake of the application is 500, and what is away is 503", async () => {
    const browser = edge.browser();
    await edge.events();
    const mistake = await browser.signIn("mistake");
    assert.equal(mistake.status, 500);
    assert.deepEqual(await edge.events(), ["sign_in_rejected"]);
    await assertRetryable(await browser.signIn("away"));
    assert.deepEqual(await edge.events(), ["unavailable"]);
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
