import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setCookies, startEdge } from "./harness.mjs";

describe("what passes through the edge", () => {
  let edge;
  let browser;
  before(async () => {
    edge = await startEdge();
    browser = edge.browser();
    await browser.signIn();
  });
  after(() => edge.stop());

  test("no header that says who someone is comes from a client", async () => {
    const forged = {
      "x-user": "root",
      "X-User-Id": "0",
      x_user_id: "0",
      "x-forwarded-user": "root",
      "x-forwarded-email": "root@app.example",
      "x-auth-request-user": "root",
      "x-auth-request-access-token": "t",
      "remote-user": "root",
      "x-remote-user": "root",
      "x-role": "admin",
      "x-scopes": "admin",
      "x-tenant-id": "1",
      "cf-access-jwt-assertion": "t",
      "x-goog-iap-jwt-assertion": "t",
      "x-goog-authenticated-user-email": "root",
      "x-amzn-oidc-data": "t",
      "x-ms-client-principal": "t",
      "proxy-authorization": "Basic YTpi",
    };
    const harmless = {
      "x-request-id": "7",
      "x-user-agent": "grpc-web",
      "accept-language": "de",
    };
    const { headers } = await (await browser.fetch("/api/echo", { headers: { ...forged, ...harmless } })).json();
    for (const name of Object.keys(forged)) assert.equal(headers[name.toLowerCase()], undefined, name);
    for (const [name, value] of Object.entries(harmless)) assert.equal(headers[name], value, name);
    const anonymous = await (await edge.browser().fetch("/open/echo", { headers: forged })).json();
    for (const name of Object.keys(forged)) assert.equal(anonymous.headers[name.toLowerCase()], undefined, name);
  });

  test("where a request came in is told by the edge, not by the client", async () => {
    const forged = {
      forwarded: "host=evil.example",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
      "x-original-url": "/admin",
      "x-rewrite-url": "/admin",
    };
    for (const path of ["/api/echo", "/remote/echo"]) {
      const { headers } = await (await browser.fetch(path, { headers: forged })).json();
      assert.equal(headers["x-forwarded-host"], "app.example");
      assert.equal(headers["x-forwarded-proto"], "https");
      for (const name of ["forwarded", "x-original-url", "x-rewrite-url"]) assert.equal(headers[name], undefined, name);
    }
  });

  test("cookies of ours never reach an origin, whoever sent them and in whatever spelling", async () => {
    const cookie = `a=1; ${browser.cookie};__Host-Http-session-out=x; b="2";c; __Host-Http-access=again`;
    const { headers } = await (await browser.fetch("/api/echo", { headers: { cookie } })).json();
    assert.equal(headers.cookie, 'a=1; b="2"; c');
    const anonymous = await edge.browser().fetch("/open/echo", { headers: { cookie: "session=x" } });
    assert.equal((await anonymous.json()).headers.cookie, undefined);
  });

  test("an origin plants no cookie of ours, and keeps its own", async () => {
    for (const path of ["/api/plants-cookies", "/shared/plants-cookies"]) {
      const response = await browser.fetch(path, { keep: false });
      assert.deepEqual([...setCookies(response).keys()], ["theme"]);
    }
    const anonymous = await edge.browser().fetch("/open/plants-cookies");
    assert.deepEqual([...setCookies(anonymous).keys()], ["theme"]);
  });

  test("redirects are the browser's to follow", async () => {
    const away = await browser.fetch("/api/redirects");
    assert.equal(away.status, 302);
    assert.equal(away.headers.get("location"), "https://elsewhere.example/");
    const remote = await browser.fetch("/remote/redirects");
    assert.equal(remote.status, 302);
  });

  test("an origin by address gets path, query, method and body, and its own address stays inside", async () => {
    const response = await browser.post("/remote/echo?a=1&b=%20", { order: 7 });
    const { url, method, body, headers } = await response.json();
    assert.equal(url, "http://remote.internal/remote/echo?a=1&b=%20");
    assert.equal(method, "POST");
    assert.equal(body, '{"order":7}');
    assert.match(headers.authorization, /^Bearer eyJ/);
    const home = await browser.fetch("/remote/redirects-home");
    assert.equal(home.headers.get("location"), "https://app.example/remote/there?a=1");
    const slashed = await (await browser.fetch("/slashed/echo")).json();
    assert.equal(slashed.url, "http://remote.internal/slashed/echo");
  });

  test("an origin's own failure is passed on, one that does not answer is 502", async () => {
    const failing = await browser.fetch("/api/fails");
    assert.equal(failing.status, 500);
    assert.equal(await failing.text(), "origin says no");
    const broken = await browser.fetch("/broken/x");
    assert.equal(broken.status, 502);
    const text = await broken.text();
    assert.ok(!text.includes("no route to host"));
    assert.ok((await edge.events()).includes("unavailable"));
  });

  test("a refresh is delivered even where the origin does not answer", async () => {
    const other = edge.browser();
    await other.signIn();
    other.now += 901;
    const response = await other.fetch("/broken/x");
    assert.equal(response.status, 502);
    assert.ok(setCookies(response).has("__Host-Http-refresh"));
  });

  test("a route lets its methods through, and no other", async () => {
    assert.equal((await browser.fetch("/looked-at/x")).status, 200);
    const response = await browser.post("/looked-at/x", {});
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
  });

  test("only what is in the table can be reached", async () => {
    assert.equal((await browser.fetch("/elsewhere")).status, 404);
    assert.equal((await browser.fetch("/apiary")).status, 404);
    assert.equal((await edge.browser().fetch("/elsewhere")).status, 401);
  });

  test("a path that another reading would put under another route goes nowhere", async () => {
    for (const path of [
      "/open/%2e%2e%2fapi/x",
      "/open/..%2fapi/x",
      "/open/..%5capi/x",
      "/open;/..;/api/x",
      "/open/%252e%252e%252fapi/x",
      "/API/x",
      "//api/x",
      "/%61pi/x",
    ]) {
      const response = await browser.fetch(path);
      assert.equal(response.status, 400, path);
    }
    assert.equal((await browser.fetch("/open/a%20b%2525")).status, 200);
    assert.equal((await browser.fetch("/open/caf%C3%A9/")).status, 200);
    // Not UTF-8, and under the same route however it is read.
    assert.equal((await browser.fetch("/open/%ff")).status, 200);
  });
});
