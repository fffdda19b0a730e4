import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SITE, startEdge } from "./harness.mjs";

const JSON_TYPE = { "content-type": "application/json" };

/** What browsers and others send, and whether it comes from a page of ours. */
const SENDERS = [
  ["a page of ours", { "sec-fetch-site": "same-origin", origin: SITE }, true],
  ["a page of ours, by an older browser", { origin: SITE }, true],
  ["a client that is no browser, in JSON", JSON_TYPE, true],
  ["a client that is no browser, in JSON with a charset", { "content-type": "Application/JSON; charset=utf-8" }, true],
  ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }, false],
  ["a sibling subdomain", { "sec-fetch-site": "same-site", origin: "https://blog.app.example" }, false],
  [
    "a sibling subdomain, in JSON",
    { "sec-fetch-site": "same-site", origin: "https://blog.app.example", ...JSON_TYPE },
    false,
  ],
  ["a sibling subdomain, by an older browser", { origin: "https://blog.app.example" }, false],
  ["another port", { "sec-fetch-site": "same-site", origin: "https://app.example:8443" }, false],
  ["the same host without TLS", { origin: "http://app.example" }, false],
  ["a sandboxed frame", { origin: "null" }, false],
  ["a typed address", { "sec-fetch-site": "none" }, false],
  [
    "a page of ours by the fetch metadata, not by its origin",
    { "sec-fetch-site": "same-origin", origin: "https://evil.example" },
    false,
  ],
  ["a form of an old browser", { "content-type": "application/x-www-form-urlencoded" }, false],
  ["a form posing as JSON", { "content-type": "text/plain; application/json" }, false],
  ["nobody", {}, false],
];

describe("who may use the cookies", () => {
  let edge;
  before(async () => (edge = await startEdge()));
  after(() => edge.stop());

  for (const [sender, headers, allowed] of SENDERS) {
    test(`${sender}: ${allowed ? "yes" : "no"}`, async () => {
      const browser = edge.browser();
      const options = { headers, sameOrigin: false };
      const login = await browser.fetch("/auth/login", {
        method: "POST",
        body: JSON.stringify({ username: "ada", password: "right" }),
        ...options,
      });
      assert.equal(login.status, allowed ? 200 : 403, "login");
      assert.equal(login.headers.getSetCookie().length > 0, allowed);
      if (!allowed) await browser.signIn();
      browser.now += 60;
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        assert.equal((await browser.fetch("/api/echo", { method, ...options })).status, allowed ? 200 : 403, method);
      }
      assert.equal(
        (await browser.fetch("/open/echo", { method: "POST", ...options })).status,
        allowed ? 200 : 403,
        "an optional route",
      );
      assert.equal((await browser.fetch("/api/echo", options)).status, 200, "GET");
      assert.equal(
        (await browser.fetch("/auth/refresh", { method: "POST", ...options })).status,
        allowed ? 200 : 403,
        "refresh",
      );
      assert.equal(
        (await browser.fetch("/auth/logout", { method: "POST", ...options })).status,
        allowed ? 204 : 403,
        "logout",
      );
      if (!allowed) assert.equal((await browser.fetch("/api/echo")).status, 200, "and the session goes on");
    });
  }

  test("a WebSocket is opened for our own pages, and carries the session to the origin", async () => {
    const browser = edge.browser();
    await browser.signIn();
    const open = (headers) =>
      browser.fetch("/api/live", { headers: { upgrade: "websocket", ...headers }, sameOrigin: false });
    const { status, webSocket } = await open({ origin: SITE });
    assert.equal(status, 101);
    const said = new Promise((resolve) => webSocket.addEventListener("message", ({ data }) => resolve(data)));
    webSocket.accept();
    assert.equal(await said, "somebody");
    webSocket.close();
    for (const origin of ["https://blog.app.example", "https://evil.example", "null"]) {
      assert.equal((await open({ origin })).status, 403, origin);
    }
    assert.equal((await open({})).status, 403);
    assert.equal(
      (await edge.browser().fetch("/api/live", { headers: { upgrade: "websocket", origin: SITE } })).status,
      401,
    );
  });

  test("a WebSocket opened with an expired token gets its refresh with the handshake", async () => {
    const browser = edge.browser();
    await browser.signIn();
    browser.now += 901;
    const response = await browser.fetch("/api/live", {
      headers: { upgrade: "websocket", origin: SITE },
      sameOrigin: false,
    });
    assert.equal(response.status, 101);
    response.webSocket.accept();
    response.webSocket.close();
    assert.equal(browser.claims("__Host-Http-refresh").gen, 1);
    assert.equal(browser.claims("__Host-Http-access").iat, browser.now);
  });

  test("without cookies there is nothing to guard: an optional route takes anybody's request", async () => {
    const response = await edge
      .browser()
      .fetch("/open/echo", { method: "POST", headers: { origin: "https://evil.example" }, sameOrigin: false });
    assert.equal(response.status, 200);
  });
});
