import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startEdge } from "./harness.mjs";

describe("what caches may keep", () => {
  let edge;
  before(async () => (edge = await startEdge()));
  after(() => edge.stop());

  async function signedIn() {
    const browser = edge.browser();
    await browser.signIn();
    return browser;
  }

  test("a response with our Set-Cookie is for nobody's cache, whatever the origin and the route say", async () => {
    for (const path of ["/api/cacheable", "/shared/cacheable", "/open/cacheable"]) {
      const browser = await signedIn();
      browser.now += 901;
      const response = await browser.fetch(path);
      assert.ok(response.headers.getSetCookie().length > 0);
      assert.equal(response.headers.get("cache-control"), "private, no-store");
      assert.equal(response.headers.get("cdn-cache-control"), null);
    }
  });

  test("and the Cache API does not take it", async () => {
    const browser = await signedIn();
    browser.now += 901;
    const cached = await browser.fetch("/test/cached", { headers: { "test-path": "/shared/cacheable" } });
    assert.deepEqual(await cached.json(), { status: 200, cookies: 3, kept: false });
  });

  test("the control: the same without a refresh is taken", async () => {
    const cached = await edge
      .browser()
      .fetch("/test/cached", { headers: { "test-path": "/shared/cacheable?control" } });
    assert.deepEqual(await cached.json(), { status: 200, cookies: 0, kept: true });
  });

  test("what was answered by cookie is private, except where the route says that it is for everyone", async () => {
    const browser = await signedIn();
    const own = await browser.fetch("/api/cacheable");
    assert.equal(own.headers.get("cache-control"), "private, max-age=600");
    assert.equal(own.headers.get("cdn-cache-control"), null);
    assert.equal((await browser.fetch("/api/echo")).headers.get("cache-control"), "private");
    const everyones = await browser.fetch("/shared/cacheable");
    assert.equal(everyones.headers.get("cache-control"), "public, max-age=600, s-maxage=900");
    assert.equal((await browser.fetch("/open/cacheable")).headers.get("cache-control"), "private, max-age=600");
  });

  test("to nobody, the origin's word stands", async () => {
    const response = await edge.browser().fetch("/open/cacheable");
    assert.equal(response.headers.get("cache-control"), "public, max-age=600, s-maxage=900");
  });

  test("our own answers are never kept", async () => {
    const browser = await signedIn();
    const answers = [
      await edge.browser().fetch("/api/x"),
      await edge.browser().post("/auth/refresh"),
      await edge.browser().fetch("/auth/login"),
      await browser.fetch("/admin/x"),
      await browser.post("/auth/refresh"),
      await browser.post("/auth/logout"),
    ];
    for (const answer of answers) assert.match(answer.headers.get("cache-control"), /no-store/, String(answer.status));
  });
});
