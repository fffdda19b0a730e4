/** `/auth/sessions` and `/auth/session`: what somebody may know of their sessions, and end. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { decoded, setCookies } from "./harness.mjs";
import { cookieOf, edge, SITE } from "./node-bed.mjs";

const SAME_ORIGIN = { "sec-fetch-site": "same-origin", "content-type": "application/json" };

describe("the sessions of a user", () => {
  let auth;
  let now;
  beforeEach(() => {
    now = Math.floor(Date.now() / 1000);
    auth = edge({
      now: () => now,
      companion: ["sub"],
      policy: { jitter: 0 },
      authenticate: async (request) => {
        const { username, device, transport } = await request.json();
        return { sub: username, device, transport };
      },
    });
  });
  const fetched = (path, init) => auth.fetch(new Request(SITE + path, init), {});
  async function signIn(username, device, transport) {
    const body = JSON.stringify({ username, device, transport });
    const response = await fetched("/auth/login", { method: "POST", headers: SAME_ORIGIN, body });
    return transport === "bearer" ? response.json() : cookieOf(response.headers.getSetCookie());
  }
  const listed = async (headers) => (await (await fetched("/auth/sessions", { headers })).json()).sessions;
  const end = (query, headers) => fetched(`/auth/sessions?${query}`, { method: "DELETE", headers });

  test("are listed, each once, and this one is marked", async () => {
    const here = await signIn("ada", "laptop");
    await signIn("ada", "phone");
    await signIn("alan", "mainframe");
    const list = await listed({ cookie: here });
    assert.deepEqual(list.map(({ device }) => device).sort(), ["laptop", "phone"]);
    assert.deepEqual(
      list.filter(({ current }) => current).map(({ device }) => device),
      ["laptop"],
    );
    for (const each of list) assert.equal(each.created_at, now);
    const response = await fetched("/auth/sessions", { headers: { cookie: here } });
    assert.match(response.headers.get("cache-control"), /no-store/);
    assert.equal((await fetched("/auth/sessions")).status, 401);
  });

  test("one of them is ended, by name, and by nobody else", async () => {
    const here = { cookie: await signIn("ada", "laptop"), ...SAME_ORIGIN };
    const phone = { cookie: await signIn("ada", "phone"), ...SAME_ORIGIN };
    const alan = { cookie: await signIn("alan"), ...SAME_ORIGIN };
    const { sid } = (await listed(here)).find(({ device }) => device === "phone");
    assert.equal((await end(`sid=${sid}`, alan)).status, 404);
    assert.equal((await listed(phone)).length, 2);
    const done = await end(`sid=${sid}`, here);
    assert.equal(done.status, 204);
    assert.equal(done.headers.getSetCookie().length, 0);
    assert.equal((await fetched("/auth/refresh", { method: "POST", headers: phone })).status, 401);
    assert.equal((await fetched("/auth/sessions", { headers: phone })).status, 401);
    assert.deepEqual(
      (await listed(here)).map(({ device }) => device),
      ["laptop"],
    );
    for (const query of ["sid=", "sid=a%2Fb", `sid=${"x".repeat(65)}`, "sid=nobody"]) {
      assert.equal((await end(query, here)).status, 404, query);
    }
    for (const query of ["", "others=false"]) assert.equal((await end(query, here)).status, 400, query);
  });

  test("all others are ended", async () => {
    const here = { cookie: await signIn("ada", "laptop"), ...SAME_ORIGIN };
    const phone = { cookie: await signIn("ada", "phone"), ...SAME_ORIGIN };
    const alan = { cookie: await signIn("alan"), ...SAME_ORIGIN };
    assert.equal((await end("others=true", here)).status, 204);
    assert.equal((await fetched("/auth/refresh", { method: "POST", headers: phone })).status, 401);
    assert.equal((await listed(here)).length, 1);
    assert.equal((await listed(alan)).length, 1);
  });

  test("ending one's own signs out", async () => {
    const here = { cookie: await signIn("ada"), ...SAME_ORIGIN };
    const [{ sid }] = await listed(here);
    const response = await end(`sid=${sid}`, here);
    assert.equal(response.status, 204);
    const cookies = [...setCookies(response).values()];
    assert.equal(cookies.filter(({ attributes }) => attributes.get("max-age") === "0").length, 3);
    assert.ok(cookies.some(({ value }) => value === sid));
  });

  test("another site's page ends none", async () => {
    const cookie = await signIn("ada");
    for (const headers of [{ "sec-fetch-site": "same-site" }, { origin: "https://evil.example" }, {}]) {
      assert.equal((await end("others=true", { cookie, ...headers })).status, 403);
    }
  });

  test("clients by bearer list and end too", async () => {
    const { access_token: access } = await signIn("ada", "cli", "bearer");
    const phone = { cookie: await signIn("ada", "phone"), ...SAME_ORIGIN };
    const bearer = { authorization: `Bearer ${access}` };
    assert.deepEqual((await listed(bearer)).map(({ transport }) => transport).sort(), ["bearer", "cookie"]);
    assert.equal((await end("others=true", bearer)).status, 204);
    assert.equal((await fetched("/auth/refresh", { method: "POST", headers: phone })).status, 401);
  });

  test("a token whose session has ended lists nothing", async () => {
    const { access_token: access, refresh_token: refresh } = await signIn("ada", "cli", "bearer");
    await fetched("/auth/revoke", { method: "POST", body: new URLSearchParams({ token: refresh }) });
    const response = await fetched("/auth/sessions", { headers: { authorization: `Bearer ${access}` } });
    assert.equal(response.status, 401);
  });

  test("the companion, for whoever cannot read the cookie", async () => {
    const ask = async (headers) => (await (await fetched("/auth/session", { headers })).json()).session;
    assert.equal(await ask({}), null);
    const { access_token: access } = await signIn("ada", "cli", "bearer");
    const session = await ask({ authorization: `Bearer ${access}` });
    assert.deepEqual(session, { iat: now, exp: now + 900, sid: decoded(access).sid, sub: "ada" });
    const cookie = await signIn("ada");
    assert.equal((await ask({ cookie })).sub, "ada");
    // With an access token that has run out it refreshes, as every request does.
    now += 901;
    const response = await fetched("/auth/session", { headers: { cookie } });
    assert.equal((await response.json()).session.exp, now + 900);
    assert.ok(response.headers.getSetCookie().length > 0);
    assert.equal(response.headers.get("cache-control"), "private, no-store");
    assert.equal((await fetched("/auth/session", { method: "POST" })).status, 405);
  });
});
