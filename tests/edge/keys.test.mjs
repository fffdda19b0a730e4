/**
 * The key states at the edge: a key that has not arrived means "not now", and a retired key means "no more", with plain
 * cookies and with sealed ones.
 */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { memoryStore } from "tandem-jwt/session";
import { setCookies, startEdge } from "./harness.mjs";
import { cookieOf, edge, SITE } from "./node-bed.mjs";

const ACCESS = "an access key for tests, of 32 bytes or more";
const key = (kid) => ({ kid, secret: `the ${kid} refresh key for tests, of 32 bytes or more` });
const SAME_ORIGIN = { "sec-fetch-site": "same-origin", "content-type": "application/json" };
const NAMES = ["__Host-Http-access", "__Host-Http-refresh", "session"];

for (const seal of [false, true]) {
  describe(seal ? "keys and sealed cookies" : "keys and cookies", () => {
    let now;
    let store;
    let events;
    let kids;
    beforeEach(() => {
      now = Math.floor(Date.now() / 1000);
      store = memoryStore();
      events = [];
      kids = new Set();
    });

    /** A server with these refresh keys, the newest first. */
    const server = (refresh, retired) =>
      edge({
        seal,
        store: () => store,
        keys: () => ({ access: ACCESS, refresh: refresh.map(key), ...(retired && { retired }) }),
        now: () => now,
        policy: { jitter: 0 },
        signIn: "/sign-in",
        routes: { "/*": { optional: true }, "/account/*": {}, "/sign-in": {} },
        on: Object.fromEntries(
          ["unknown_kid", "retired_kid"].map((type) => [
            type,
            ({ kid }) => {
              kids.add(kid);
              events.push([type, kid.split(".")[0]]);
            },
          ]),
        ),
      });
    const post = (auth, path, cookie, body = '{"username":"ada"}') =>
      auth.fetch(
        new Request(SITE + path, { method: "POST", headers: { ...SAME_ORIGIN, ...(cookie && { cookie }) }, body }),
        {},
      );
    /** Signed in at a server with these keys, and the access token has run out since. */
    async function expired(...refresh) {
      const cookie = cookieOf((await post(server(refresh), "/auth/login")).headers.getSetCookie());
      now += 901;
      return cookie;
    }
    const get = (auth, path, cookie, headers = {}) =>
      auth.handle(new Request(SITE + path, { headers: { cookie, ...headers } }), {});

    test("an unknown key: guarded routes are 503 and public ones open, and no cookie is touched", async () => {
      const cookie = await expired("new");
      const behind = server(["old"]);
      for (const headers of [{}, { "sec-fetch-mode": "navigate" }]) {
        const { response } = await get(behind, "/account/x", cookie, headers);
        assert.equal(response.status, 503);
        assert.equal(response.headers.get("retry-after"), "1");
        assert.equal(response.headers.getSetCookie().length, 0);
        assert.equal((await response.json()).error, "temporarily_unavailable");
      }
      for (const path of ["/", "/sign-in"]) {
        const open = await get(behind, path, cookie);
        assert.deepEqual([open.claims, open.response], [null, undefined], path);
        const left = open.finish(new Response("text"));
        assert.equal(left.headers.getSetCookie().length, 0);
        assert.match(left.headers.get("cache-control"), /private/);
      }
      const refresh = await post(behind, "/auth/refresh", cookie);
      assert.deepEqual([refresh.status, refresh.headers.getSetCookie().length], [503, 0]);
      assert.ok(events.length > 0 && events.every(([type, kid]) => type === "unknown_kid" && kid === "new"));
      // The key arrives.
      assert.equal((await get(server(["new", "old"]), "/account/x", cookie)).claims.sub, "ada");
    });

    test("a retired key: signed out, by either of its names, and the cookies are cleared", async () => {
      const cookie = await expired("leaked");
      const auth = server(["new"], ["leaked"]);
      const { response } = await get(auth, "/account/x", cookie);
      assert.equal(response.status, 401);
      const cleared = setCookies(response);
      assert.deepEqual([...cleared.keys()], NAMES);
      assert.ok([...cleared.values()].every(({ attributes }) => attributes.get("max-age") === "0"));
      const page = await get(auth, "/account/x", cookie, { "sec-fetch-mode": "navigate" });
      assert.equal(page.response.status, 302);
      const open = await get(auth, "/", cookie);
      assert.equal(open.claims, null);
      assert.equal(open.finish(new Response("text")).headers.getSetCookie().length, 3);
      const refresh = await post(auth, "/auth/refresh", cookie);
      assert.deepEqual([refresh.status, refresh.headers.getSetCookie().length], [401, 3]);
      assert.ok(events.length > 0 && events.every(([type, kid]) => type === "retired_kid" && kid === "leaked"));
      const [kid] = kids;
      assert.match(kid, /^leaked\../);
      assert.equal((await get(server(["new"], [kid]), "/account/x", cookie)).response.status, 401);
      assert.equal((await get(server(["new"], ["leak"]), "/account/x", cookie)).response.status, 503);
    });

    test("an unknown key of a token whose own time is over keeps nobody waiting", async () => {
      const cookie = await expired("lost");
      now += 15 * 86_400;
      const { response } = await get(server(["new"]), "/account/x", cookie);
      assert.equal(response.status, 401);
      assert.deepEqual([...setCookies(response).keys()], NAMES);
    });

    test("signing in again works while the old key is away, and replaces the cookies", async () => {
      const cookie = await expired("away");
      const auth = server(["here"]);
      const again = await post(auth, "/auth/login", cookie);
      assert.equal(again.status, 200);
      assert.equal((await get(auth, "/account/x", cookieOf(again.headers.getSetCookie()))).claims.sub, "ada");
    });

    test("signing out by a token of an unknown key is told to try again: the session would live on", async () => {
      // The browser has dropped the access cookie, by which the session could be ended.
      const cookie = (await expired("new")).split("; ").find((each) => each.startsWith("__Host-Http-refresh="));
      const behind = await post(server(["old"]), "/auth/logout", cookie);
      assert.deepEqual([behind.status, behind.headers.getSetCookie().length], [503, 0]);
      const retired = await post(server(["next"], ["new"]), "/auth/logout", cookie);
      assert.deepEqual([retired.status, [...setCookies(retired).keys()]], [204, NAMES]);
      assert.equal((await post(server(["new"]), "/auth/refresh", cookie)).status, 200, "it did live on");
      assert.equal((await post(server(["new"]), "/auth/logout", cookie)).status, 204);
      assert.equal((await post(server(["new"]), "/auth/refresh", cookie)).status, 401);
    });

    test("two servers that deploy at different times sign nobody out", async () => {
      const steps = [["a"], ["a", "b"], ["b", "a"], ["b"]];
      let cookie = await expired("a");
      for (const [at, ahead] of steps.entries()) {
        const servers = [server(ahead), server(steps[Math.max(0, at - 1)])];
        for (const auth of [...servers, ...servers.reverse()]) {
          now += 901;
          const { claims, finish } = await get(auth, "/account/x", cookie);
          assert.equal(claims?.sub, "ada", `step ${at}`);
          const set = setCookies(finish(new Response("text")));
          cookie = [...set].map(([name, { value }]) => `${name}=${value}`).join("; ");
        }
      }
      assert.deepEqual(events, []);
    });
  });
}

test("two isolates of workerd, of which one has another key and has retired none, and then the first one's", async () => {
  const ahead = { REFRESH_KEYS: [key("new")] };
  const ask = async (behind) => {
    const site = await startEdge({ bindings: { a: ahead, b: behind } });
    try {
      const browser = site.browser();
      await browser.signIn();
      await site.events();
      browser.now += 901;
      const held = browser.cookie;
      const { status, headers } = await browser.fetch("/api/echo", { isolate: "b" });
      const open = await browser.fetch("/open/echo", { isolate: "b", headers: { cookie: held } });
      const found = { status, retry: headers.get("retry-after"), open: open.status, kept: browser.cookie === held };
      const back = await browser.fetch("/api/echo", { isolate: "a", headers: { cookie: held } });
      return { ...found, back: back.status, events: [...new Set(await site.events())].sort() };
    } finally {
      await site.stop();
    }
  };
  assert.deepEqual(await ask({ REFRESH_KEYS: [key("old")] }), {
    status: 503,
    retry: "1",
    open: 200,
    kept: true,
    back: 200,
    events: ["rotated", "unknown_kid"],
  });
  assert.deepEqual(await ask({ REFRESH_KEYS: [key("next")], RETIRED: ["new"] }), {
    status: 401,
    retry: null,
    open: 200,
    kept: false,
    back: 200,
    events: ["retired_kid", "rotated"],
  });
});
