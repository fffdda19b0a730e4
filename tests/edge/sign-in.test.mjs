import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setCookies, startEdge } from "./harness.mjs";

describe("signing in and out at the edge", () => {
  let edge;
  before(async () => (edge = await startEdge()));
  after(() => edge.stop());

  test("a wrong password is told apart from nothing, and signs nobody in", async () => {
    const browser = edge.browser();
    const wrong = await browser.post("/auth/login", { username: "ada", password: "wrong" });
    const unknown = await browser.post("/auth/login", { username: "nobody", password: "wrong" });
    assert.equal(wrong.status, 401);
    assert.equal(wrong.headers.get("cache-control"), "no-store");
    const body = await wrong.json();
    assert.equal(body.error, "invalid_grant");
    assert.deepEqual(await unknown.json(), body);
    assert.equal(wrong.headers.getSetCookie().length, 0);
  });

  test("the application may answer the sign-in itself", async () => {
    const response = await edge.browser().signIn("locked");
    assert.equal(response.status, 429);
    assert.equal(await response.text(), "too many tries");
    assert.equal(response.headers.get("cache-control"), "no-store");
  });

  test("a sign-in of more than 16 KB is not read", async () => {
    const browser = edge.browser();
    const response = await browser.post("/auth/login", {
      username: "ada",
      password: "right",
      more: "x".repeat(17_000),
    });
    assert.equal(response.status, 413);
  });

  test("signing in ends the session whose cookies came along", async () => {
    const browser = edge.browser();
    await browser.signIn();
    const old = browser.copy();
    await browser.signIn("alan");
    assert.equal(browser.claims("__Host-Http-access").sub, "alan");
    old.now += 60;
    assert.equal((await old.post("/auth/refresh")).status, 401);
    assert.equal((await browser.fetch("/api/echo")).status, 200);
  });

  test("a sign-in that fails leaves the session that was there", async () => {
    const browser = edge.browser();
    await browser.signIn();
    await browser.post("/auth/login", { username: "ada", password: "wrong" });
    browser.now += 60;
    assert.equal((await browser.post("/auth/refresh")).status, 200);
  });

  test("signing out revokes, clears, and is remembered", async () => {
    const browser = edge.browser();
    await browser.signIn();
    const { sid } = browser.claims("__Host-Http-access");
    const late = browser.copy();
    late.now += 901;
    const lateAnswer = await late.fetch("/api/echo"); // a refresh whose answer is still under way
    assert.equal(lateAnswer.status, 200);

    const response = await browser.post("/auth/logout");
    assert.equal(response.status, 204);
    assert.deepEqual([...browser.jar], [["__Host-Http-session-out", sid]]);
    assert.equal((await browser.fetch("/api/echo")).status, 401);

    browser.keep(lateAnswer);
    assert.ok(browser.jar.has("__Host-Http-access"), "the late answer put the cookies back");
    browser.now = late.now;
    const refused = await browser.fetch("/api/echo");
    assert.equal(refused.status, 401, "and they count for nothing");
    assert.equal(setCookies(refused).get("session").attributes.get("max-age"), "0");
    assert.ok(!browser.jar.has("session"), "nor do they look signed in");
    assert.equal((await late.post("/auth/refresh")).status, 401);

    await browser.signIn();
    assert.equal((await browser.fetch("/api/echo")).status, 200, "a new session is not the one that was left");
  });

  test("a companion whose tokens were lost is cleared, else a sign-in page would send its visitors back", async () => {
    const browser = edge.browser();
    await browser.signIn();
    for (const lost of ["__Host-Http-access", "__Host-Http-refresh"]) {
      browser.jar.delete(lost);
      const isAlone = lost === "__Host-Http-refresh";
      for (const path of ["/api/echo", "/open/x", "/shared/x"]) {
        const answer = await browser.copy().fetch(path);
        const written = setCookies(answer).get("session");
        assert.equal(written?.attributes.get("max-age") === "0", isAlone);
        if (isAlone) assert.equal(answer.headers.get("cache-control"), "private, no-store");
      }
    }
    const alone = browser.copy();
    assert.equal((await alone.post("/auth/refresh")).status, 401);
    assert.deepEqual([...alone.jar], []);
  });

  test("signing out twice, or without a session, is no error", async () => {
    const browser = edge.browser();
    assert.equal((await browser.post("/auth/logout")).status, 204);
    await browser.signIn();
    const again = browser.copy();
    assert.equal((await browser.post("/auth/logout")).status, 204);
    assert.equal((await again.post("/auth/logout")).status, 204);
  });

  test("documents are sent to sign in with the way back, calls get 401", async () => {
    const browser = edge.browser();
    const page = await browser.fetch("/api/page?x=1", { headers: { "test-mode": "navigate", accept: "text/html" } });
    assert.equal(page.status, 302);
    assert.equal(page.headers.get("location"), "/sign-in?return=%2Fapi%2Fpage%3Fx%3D1");
    const call = await browser.fetch("/api/page", { headers: { "test-mode": "cors" } });
    assert.equal(call.status, 401);
    assert.equal(call.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
    assert.equal((await call.json()).error, "invalid_token");
  });

  test("after a sign-in by form the way goes on to a path of this origin only", async () => {
    for (const [wanted, given] of [
      ["/account?x=1", "/account?x=1"],
      ["//evil.example", "/"],
      ["https://evil.example", "/"],
      ["/\\evil.example", "/"],
    ]) {
      const browser = edge.browser();
      const there = await browser.post(
        `/auth/login?return=${encodeURIComponent(wanted)}`,
        { username: "ada", password: "right" },
        {
          headers: { "test-mode": "navigate", accept: "text/html" },
        },
      );
      assert.equal(there.status, 303);
      assert.equal(there.headers.get("location"), given);
    }
  });
});
