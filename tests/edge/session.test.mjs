import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DAY, decoded, START, setCookies, startEdge } from "./harness.mjs";

describe("a session at the edge", () => {
  let edge;
  before(async () => (edge = await startEdge()));
  after(() => edge.stop());

  test("signing in sets the pair and its companion, and shows no token to script", async () => {
    const browser = edge.browser();
    const response = await browser.signIn();
    assert.equal(response.status, 200);
    const cookies = setCookies(response);
    assert.deepEqual([...cookies.keys()].sort(), ["__Host-Http-access", "__Host-Http-refresh", "session"]);
    for (const name of ["__Host-Http-access", "__Host-Http-refresh"]) {
      const { attributes } = cookies.get(name);
      assert.deepEqual([...attributes.keys()].sort(), ["httponly", "max-age", "path", "samesite", "secure"]);
      assert.equal(attributes.get("path"), "/");
      assert.equal(attributes.get("samesite"), "Lax");
    }
    assert.equal(cookies.get("__Host-Http-access").attributes.get("max-age"), "900");
    assert.equal(cookies.get("__Host-Http-refresh").attributes.get("max-age"), String(14 * DAY));
    const companion = cookies.get("session");
    assert.ok(companion.attributes.has("secure") && !companion.attributes.has("httponly"));
    const { sid } = browser.claims("__Host-Http-access");
    const shown = { iat: START, exp: START + 900, sid, sub: "ada", role: "user" };
    assert.deepEqual(JSON.parse(decodeURIComponent(companion.value)), shown);

    assert.equal(response.headers.get("cache-control"), "private, no-store");
    const body = await response.json();
    assert.deepEqual(body.session, shown);
    assert.ok(!JSON.stringify(body).includes("eyJ"), "no token in the body");
  });

  test("the origin is handed the access token, and nothing of ours", async () => {
    const browser = edge.browser();
    await browser.signIn();
    browser.jar.set("theme", "dark");
    const response = await browser.fetch("/api/echo?a=1");
    assert.equal(response.status, 200);
    assert.equal(response.headers.getSetCookie().length, 0);
    const { url, headers } = await response.json();
    assert.equal(url, "https://app.example/api/echo?a=1");
    assert.equal(headers.cookie, "theme=dark");
    const token = headers.authorization.replace("Bearer ", "");
    assert.equal(token, browser.jar.get("__Host-Http-access"));
    assert.equal(JSON.parse(Buffer.from(token.split(".")[0], "base64url").toString()).typ, "at+jwt");
    const claims = decoded(token);
    assert.equal(claims.sub, "ada");
    assert.equal(claims.iss, "https://app.example");
    assert.equal(claims.scope, "read");
  });

  test("an access token that ran out is refreshed on the way, whatever the method, and the body travels once", async () => {
    const browser = edge.browser();
    await browser.signIn();
    const before = { access: browser.jar.get("__Host-Http-access"), refresh: browser.jar.get("__Host-Http-refresh") };
    browser.now += 901;
    browser.jar.delete("__Host-Http-access"); // as a browser would after its Max-Age
    const response = await browser.post("/api/echo", { order: 7 });
    assert.equal(response.status, 200);
    const { method, body, headers } = await response.json();
    assert.equal(method, "POST");
    assert.equal(body, '{"order":7}');
    const cookies = setCookies(response);
    assert.deepEqual([...cookies.keys()].sort(), ["__Host-Http-access", "__Host-Http-refresh", "session"]);
    assert.notEqual(cookies.get("__Host-Http-access").value, before.access);
    assert.notEqual(cookies.get("__Host-Http-refresh").value, before.refresh);
    assert.equal(headers.authorization, `Bearer ${cookies.get("__Host-Http-access").value}`);
    assert.equal(decoded(cookies.get("__Host-Http-access").value).exp, browser.now + 900);
    assert.equal(JSON.parse(decodeURIComponent(cookies.get("session").value)).exp, browser.now + 900);
    assert.equal(response.headers.get("cache-control"), "private, no-store");
    assert.equal((await browser.fetch("/api/echo")).headers.getSetCookie().length, 0);
  });

  test("an access token that is still sent after its end counts as none", async () => {
    const browser = edge.browser();
    await browser.signIn();
    browser.now += 901;
    const response = await browser.fetch("/api/echo");
    assert.equal(response.status, 200);
    assert.equal(decoded((await response.json()).headers.authorization.slice(7)).iat, browser.now);
  });

  test("a token in its last seconds is refreshed ahead, and stands in when that fails", async () => {
    const browser = edge.browser();
    await browser.signIn();
    browser.now += 880;
    const failed = await browser.fetch("/api/echo", { headers: { "test-store": "down" } });
    assert.equal(failed.status, 200);
    assert.equal(failed.headers.getSetCookie().length, 0);
    const response = await browser.fetch("/api/echo");
    assert.ok(setCookies(response).has("__Host-Http-access"));
  });

  test("the refresh endpoint makes a new pair", async () => {
    const browser = edge.browser();
    await browser.signIn();
    browser.now += 60;
    const response = await browser.post("/auth/refresh");
    assert.equal(response.status, 200);
    assert.equal((await response.json()).session.iat, browser.now);
    assert.equal(browser.claims("__Host-Http-refresh").gen, 1);
    assert.equal((await browser.fetch("/api/echo")).status, 200);
  });

  test("a session that nobody used for its idle time is over", async () => {
    const browser = edge.browser();
    await browser.signIn();
    browser.now += 14 * DAY;
    const response = await browser.fetch("/api/echo");
    assert.equal(response.status, 401);
    assert.equal(browser.jar.size, 0);
  });

  test("cookies of two sessions in one jar: both end", async () => {
    const browser = edge.browser();
    await browser.signIn();
    const other = edge.browser();
    await other.signIn();
    const sids = [other.claims("__Host-Http-refresh").sid, browser.claims("__Host-Http-access").sid];
    const mixed = browser.copy();
    mixed.jar.set("__Host-Http-refresh", other.jar.get("__Host-Http-refresh"));
    await mixed.post("/auth/logout");
    assert.equal(mixed.jar.get("__Host-Http-session-out"), sids.join("."));
    assert.equal((await browser.fetch("/checked/x")).status, 401);
    assert.equal((await other.fetch("/checked/x")).status, 401);
  });

  test("a route that checks the session hears of a revocation at once, others within one access life", async () => {
    const browser = edge.browser();
    await browser.signIn();
    const other = browser.copy();
    assert.equal((await other.fetch("/checked/x")).status, 200);
    await browser.post("/auth/logout");
    assert.equal((await other.copy().fetch("/api/echo")).status, 200);
    assert.equal((await other.fetch("/checked/x")).status, 401);
  });

  test("what is not a token is not a session, and no trap", async () => {
    for (const value of ["", "x", "...", "a.b.c", "e30.e30.e30", "x".repeat(10_000), `${"a".repeat(3_000)}.b.c`]) {
      const browser = edge.browser();
      browser.jar.set("__Host-Http-access", value);
      browser.jar.set("__Host-Http-refresh", value);
      assert.equal((await browser.fetch("/api/echo")).status, 401, `cookies of ${value.length} characters`);
    }
  });

  test("a token of one kind does not pass for the other", async () => {
    const browser = edge.browser();
    await browser.signIn();
    const swapped = edge.browser();
    swapped.jar.set("__Host-Http-access", browser.jar.get("__Host-Http-refresh"));
    assert.equal((await swapped.fetch("/api/echo")).status, 401);
    swapped.jar.clear();
    swapped.jar.set("__Host-Http-refresh", browser.jar.get("__Host-Http-access"));
    assert.equal((await swapped.fetch("/api/echo")).status, 401);
    assert.equal((await browser.fetch("/api/echo")).status, 200);
  });

  test("a scope that the session lacks is 403, also right after a refresh", async () => {
    const browser = edge.browser();
    await browser.signIn();
    assert.equal((await browser.fetch("/read/x")).status, 200);
    const refused = await browser.fetch("/admin/x");
    assert.equal(refused.status, 403);
    assert.equal((await refused.json()).error, "insufficient_scope");
    browser.now += 901;
    const again = await browser.fetch("/admin/x");
    assert.equal(again.status, 403);
    assert.ok(setCookies(again).has("__Host-Http-refresh"), "the refresh that was made is delivered");
    assert.equal(again.headers.get("cache-control"), "private, no-store");
  });

  test("an optional route lets nobody through as nobody", async () => {
    const browser = edge.browser();
    const anonymous = await browser.fetch("/open/echo", { headers: { authorization: "Basic YTpi" } });
    assert.equal(anonymous.status, 200);
    assert.equal((await anonymous.json()).headers.authorization, undefined);
    await browser.signIn();
    assert.match((await (await browser.fetch("/open/echo")).json()).headers.authorization, /^Bearer eyJ/);
  });

  test("by bearer an access token is enough, but never beside a cookie", async () => {
    const browser = edge.browser();
    await browser.signIn();
    const authorization = `Bearer ${browser.jar.get("__Host-Http-access")}`;
    const bearer = edge.browser();
    const response = await bearer.fetch("/api/echo", { headers: { authorization } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.getSetCookie().length, 0);
    assert.equal((await bearer.fetch("/api/echo", { headers: { authorization: "Bearer x.y.z" } })).status, 401);
    assert.equal((await browser.fetch("/api/echo", { headers: { authorization } })).status, 400);
    assert.equal((await browser.post("/auth/refresh", undefined, { headers: { authorization } })).status, 400);
  });

  test("the endpoints take POST only", async () => {
    for (const path of ["/auth/login", "/auth/refresh", "/auth/logout"]) {
      const response = await edge.browser().fetch(path);
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), "POST");
    }
  });
});

describe("the cookies by host", () => {
  let edge;
  before(async () => (edge = await startEdge({ cookies: "dev" })));
  after(() => edge.stop());

  test("dev cookies carry no prefix and no Secure, on http on this machine", async () => {
    for (const site of ["http://localhost:8787", "http://127.0.0.1", "http://[::1]:3000"]) {
      const browser = edge.browser({ site });
      const response = await browser.signIn();
      assert.equal(response.status, 200, site);
      const cookies = setCookies(response);
      assert.deepEqual([...cookies.keys()].sort(), ["access", "refresh", "session"]);
      for (const { attributes } of cookies.values()) assert.ok(!attributes.has("secure"));
      assert.ok(cookies.get("refresh").attributes.has("httponly"));
      assert.equal((await browser.fetch("/api/echo")).status, 200);
    }
  });

  test("and are refused everywhere else", async () => {
    for (const site of ["http://app.example", "https://app.example", "http://localhost.example", "https://localhost"]) {
      const response = await edge.browser({ site }).signIn();
      assert.equal(response.status, 400, site);
      assert.equal(response.headers.getSetCookie().length, 0);
    }
  });
});
