/** `handle` and `finish`, as a framework uses them: here in Node, with sessions in memory. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { generateKey } from "tandem-jwt";
import { edgeAuth } from "tandem-jwt/edge";
import { memoryStore } from "tandem-jwt/session";
import { setCookies } from "./harness.mjs";

const SITE = "https://app.example";
const SECRET = "an access key for tests, of 32 bytes or more";
const SAME_ORIGIN = { "sec-fetch-site": "same-origin", origin: SITE, "content-type": "application/json" };

describe("the edge inside a framework", () => {
  let now;
  let auth;
  const options = (store, more = {}) => ({
    origin: SITE,
    store: () => store,
    keys: () => ({ access: SECRET }),
    authenticate: async (request) => ({ sub: (await request.json()).username }),
    routes: { "/*": { optional: true }, "/account/*": {} },
    now: () => now,
    ...more,
  });
  beforeEach(() => {
    now = Math.floor(Date.now() / 1000);
    auth = edgeAuth(options(memoryStore()));
  });

  async function signIn(edge = auth, site = SITE) {
    const request = new Request(`${site}/auth/login`, {
      method: "POST",
      headers: { ...SAME_ORIGIN, origin: site },
      body: '{"username":"ada"}',
    });
    const { response } = await edge.handle(request);
    return cookieOf(response);
  }
  const cookieOf = (response) =>
    [...setCookies(response).values()].map(({ name, value }) => `${name}=${value}`).join("; ");

  test("endpoints and refusals are answered, the rest is handed over", async () => {
    const anonymous = await auth.handle(new Request(`${SITE}/`));
    assert.equal(anonymous.response, undefined);
    assert.equal(anonymous.claims, null);
    assert.equal((await auth.handle(new Request(`${SITE}/account/x`))).response.status, 401);

    const cookie = await signIn();
    const known = await auth.handle(new Request(`${SITE}/account/x`, { headers: { cookie: `${cookie}; theme=dark` } }));
    assert.equal(known.claims.sub, "ada");
    assert.equal(known.request.headers.get("cookie"), "theme=dark");
    assert.match(known.request.headers.get("authorization"), /^Bearer eyJ/);
    const finished = known.finish(new Response("hello", { headers: { "cache-control": "max-age=60" } }));
    assert.equal(finished.headers.get("cache-control"), "private, max-age=60");
    assert.equal(finished.headers.getSetCookie().length, 0);
  });

  test("a token that was verified before ends when it ends, and what one request does to its claims is its own", async () => {
    const cookie = await signIn();
    const ask = () => auth.handle(new Request(`${SITE}/account/x`, { headers: { cookie } }));
    const access = cookie.split("; ").find((each) => each.includes("access"));
    const first = await ask();
    first.claims.sub = "root";
    first.claims.scope = "admin";
    const second = await ask();
    assert.equal(second.claims.sub, "ada");
    assert.equal(second.claims.scope, undefined);
    const strict = edgeAuth(options(memoryStore(), { routes: { "/*": { scope: "admin" }, "/open": {} } }));
    const other = await signIn(strict);
    for (const [path, status] of [
      ["/open", undefined],
      ["/x", 403],
      ["/x", 403],
    ]) {
      const handled = await strict.handle(new Request(SITE + path, { headers: { cookie: other } }));
      assert.equal(handled.response?.status, status, path);
    }
    now += 901;
    const late = await auth.handle(new Request(`${SITE}/account/x`, { headers: { cookie: access } }));
    assert.equal(late.response.status, 401);
    const bent = `${access.slice(0, -1)}${access.endsWith("A") ? "B" : "A"}`;
    now -= 901;
    assert.equal(
      (await auth.handle(new Request(`${SITE}/account/x`, { headers: { cookie: bent } }))).response.status,
      401,
    );
  });

  test("finish delivers the refresh, and leaves the body as it was", async () => {
    const cookie = await signIn();
    now += 901;
    const handled = await auth.handle(
      new Request(`${SITE}/account/x`, { method: "POST", headers: { ...SAME_ORIGIN, cookie }, body: '{"a":1}' }),
    );
    assert.equal(await handled.request.text(), '{"a":1}');
    const finished = handled.finish(new Response("hello", { status: 201, headers: { "set-cookie": "theme=dark" } }));
    assert.equal(finished.status, 201);
    assert.equal(await finished.text(), "hello");
    assert.deepEqual(
      [...setCookies(finished).keys()],
      ["theme", "__Host-Http-refresh", "__Host-Http-access", "session"],
    );
    assert.equal(finished.headers.get("cache-control"), "private, no-store");
  });

  test("a header that is asked for by cookie, and not of documents", async () => {
    const strict = edgeAuth(options(memoryStore(), { requireHeader: "x-csrf" }));
    const cookie = await signIn(strict);
    const ask = (headers) => strict.handle(new Request(`${SITE}/account/x`, { headers }));
    assert.equal((await ask({ cookie })).response.status, 403);
    assert.equal((await ask({ cookie, "x-csrf": "" })).claims.sub, "ada");
    assert.equal((await ask({ cookie, "sec-fetch-mode": "navigate" })).claims.sub, "ada");
    assert.equal((await ask({})).response.status, 401);
  });

  test("finish too late writes nothing", async () => {
    const cookie = await signIn();
    now += 901;
    const handled = await auth.handle(new Request(`${SITE}/account/x`, { headers: { cookie } }));
    now += 6;
    assert.equal(handled.finish(new Response("hello")).headers.getSetCookie().length, 0);
  });

  test("sessions of one host are none of another", async () => {
    const two = edgeAuth(options(memoryStore(), { origin: [SITE, "https://other.example"] }));
    const cookie = await signIn(two);
    assert.equal((await two.handle(new Request(`${SITE}/account/x`, { headers: { cookie } }))).claims.sub, "ada");
    const elsewhere = await two.handle(new Request("https://other.example/account/x", { headers: { cookie } }));
    assert.equal(elsewhere.response.status, 401);
  });

  test("behind a proxy the public origin is told, not guessed", async () => {
    const proxied = edgeAuth(options(memoryStore()));
    const guessing = edgeAuth(options(memoryStore(), { origin: undefined }));
    const inner = "http://10.0.0.1:3000";
    for (const site of [inner, "https://evil.example"]) {
      const { response } = await guessing.handle(new Request(`${site}/`));
      assert.equal(response.status, 400);
    }
    const { response: refused } = await guessing.handle(new Request("https://evil.example/"));
    assert.match((await refused.json()).error_description, /set origin, such as/);
    const login = new Request(`${inner}/auth/login`, {
      method: "POST",
      headers: SAME_ORIGIN,
      body: '{"username":"ada"}',
    });
    const { response } = await proxied.handle(login);
    assert.equal(response.status, 200);
    const handled = await proxied.handle(
      new Request(`${inner}/account/x`, { headers: { cookie: cookieOf(response) } }),
    );
    assert.equal(handled.claims.iss, SITE);
    assert.equal(handled.request.headers.get("x-forwarded-host"), "app.example");
  });

  test("SameSite=Strict on request", async () => {
    const strict = edgeAuth(options(memoryStore(), { sameSite: "strict" }));
    const request = new Request(`${SITE}/auth/login`, {
      method: "POST",
      headers: SAME_ORIGIN,
      body: '{"username":"ada"}',
    });
    const { response } = await strict.handle(request);
    for (const { attributes } of setCookies(response).values()) assert.equal(attributes.get("samesite"), "Strict");
  });

  test("an access cookie that no browser would keep is an error at once", async () => {
    const events = [];
    const store = memoryStore();
    const small = edgeAuth(options(store));
    const large = edgeAuth(
      options(store, {
        audience: Array.from({ length: 120 }, (_, at) => `https://service-${at}.example`),
        on: { cookie_too_large: (event) => events.push(event) },
      }),
    );
    const signIn = (cookie) =>
      new Request(`${SITE}/auth/login`, {
        method: "POST",
        headers: { ...SAME_ORIGIN, cookie },
        body: '{"username":"ada"}',
      });
    const before = await small.handle(signIn(""));
    const cookie = [...setCookies(before.response)].map(([name, { value }]) => `${name}=${value}`).join("; ");
    const { response } = await large.handle(signIn(cookie));
    assert.equal(response.status, 500);
    assert.equal(response.headers.getSetCookie().length, 0);
    const refreshed = await small.handle(
      new Request(`${SITE}/auth/refresh`, { method: "POST", headers: { ...SAME_ORIGIN, cookie }, body: "{}" }),
    );
    assert.equal(refreshed.response.status, 200, "the session of before goes on");
    assert.deepEqual(events, [{ type: "cookie_too_large", cookie: "access", sub: "ada" }]);
  });

  test("a key whose tokens fit no cookie is refused before anybody signs in", async () => {
    for (const algorithm of ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"]) {
      const { privateKey: key } = generateKey(algorithm);
      const edge = edgeAuth(options(memoryStore(), { keys: () => ({ access: { key }, refresh: SECRET }) }));
      if (algorithm === "ML-DSA-44") {
        assert.match(await signIn(edge), /access=ey/);
        continue;
      }
      await assert.rejects(edge.handle(new Request(`${SITE}/`)), { name: "TypeError", message: /use ML-DSA-44/ });
    }
  });

  test("claims that cannot be a session's are the application's mistake, and say so to it alone", async () => {
    const events = [];
    const wrong = edgeAuth(
      options(memoryStore(), {
        authenticate: () => ({ sub: "ada", claims: { exp: 1 } }),
        on: { sign_in_rejected: ({ cause }) => events.push(cause.code) },
      }),
    );
    const request = new Request(`${SITE}/auth/login`, { method: "POST", headers: SAME_ORIGIN, body: "{}" });
    const { response } = await wrong.handle(request);
    assert.equal(response.status, 500);
    assert.deepEqual(await response.json(), {
      error: "server_error",
      error_description: "The server is not set up for this.",
    });
    assert.equal(events.length, 1);
  });

  test("a handler of events that throws signs nobody out", async () => {
    const loud = edgeAuth(options(memoryStore(), { on: { issued: () => assert.fail("from the handler") } }));
    assert.notEqual(await signIn(loud), "");
  });

  test("options that cannot be meant are refused when the edge is made", () => {
    for (const wrong of [
      { origin: "app.example" },
      { origin: `${SITE}/` },
      { signIn: "//evil.example" },
      { signIn: "sign-in" },
      { sameSite: "none" },
      { paths: { login: "/auth/refresh" } },
      { paths: { signin: "/in" } },
      { requireHeader: "cookie" },
    ]) {
      assert.throws(() => edgeAuth(options(memoryStore(), wrong)), TypeError, JSON.stringify(wrong));
    }
  });
});
