/** Cookies that nobody reads but the edge. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { memoryStore } from "tandem-jwt/session";

import { setCookies } from "./harness.mjs";
import { cookieOf, edge, SITE } from "./node-bed.mjs";

const SAME_ORIGIN = { "sec-fetch-site": "same-origin", "content-type": "application/json" };
const [OLD, NEW] = ["old", "new"].map((name) => `the ${name} refresh key for tests, of 32 bytes or more`);
const ACCESS = "an access key for tests, of 32 bytes or more";

describe("sealed cookies", () => {
  let now;
  let store;
  beforeEach(() => {
    now = Math.floor(Date.now() / 1000);
    store = memoryStore();
  });
  const made = (options = {}) =>
    edge({
      seal: true,
      store: () => store,
      keys: () => ({ access: ACCESS, refresh: NEW }),
      now: () => now,
      policy: { jitter: 0 },
      ...options,
    });
  const post = (auth, path, headers = {}, body = '{"username":"ada"}') =>
    auth.fetch(new Request(SITE + path, { method: "POST", headers: { ...SAME_ORIGIN, ...headers }, body }), {});
  const signIn = async (auth) => cookieOf((await post(auth, "/auth/login")).headers.getSetCookie());
  const account = (auth, cookie) => auth.handle(new Request(`${SITE}/account/x`, { headers: { cookie } }), {});

  test("hold no token that anybody could read, and serve as before", async () => {
    const auth = made();
    const response = await post(auth, "/auth/login");
    const cookies = setCookies(response);
    for (const name of ["__Host-Http-access", "__Host-Http-refresh"]) {
      const { value } = cookies.get(name);
      assert.match(value, /^[\w-]{100,}(~\d+~[\w-]+~[\w-]{8})?$/);
      for (const part of value.split("~"))
        assert.doesNotMatch(Buffer.from(part, "base64url").toString("latin1"), /ey[JK]|ada/);
    }
    const cookie = cookieOf(response.headers.getSetCookie());
    const first = await account(auth, cookie);
    assert.equal(first.claims.sub, "ada");
    assert.match(first.headers.get("authorization"), /^Bearer ey/);
    now += 901;
    const refreshed = await account(auth, cookie);
    const renewed = refreshed.finish(new Response("text"));
    assert.notEqual(setCookies(renewed).get("__Host-Http-refresh").value, cookies.get("__Host-Http-refresh").value);
    const later = cookieOf(renewed.headers.getSetCookie());
    assert.equal((await account(auth, later)).claims.sub, "ada");
    assert.equal((await post(auth, "/auth/logout", { cookie: later })).status, 204);
    assert.equal((await post(auth, "/auth/refresh", { cookie: later })).status, 401);
  });

  test("are of one name and one site, and no bit of them can be bent", async () => {
    const auth = made();
    const cookie = await signIn(auth);
    const values = new Map(cookie.split("; ").map((pair) => pair.split("=")));
    const [access, refresh] = ["access", "refresh"].map((name) => values.get(`__Host-Http-${name}`));
    const swapped = `__Host-Http-access=${refresh}; __Host-Http-refresh=${access}`;
    assert.equal((await account(auth, swapped)).response.status, 401);
    const bent = `${access.slice(0, 40)}${access[40] === "A" ? "B" : "A"}${access.slice(41)}`;
    for (const value of [bent, access.slice(0, -2), `${access}AA`, "A", "A".repeat(38), "-".repeat(3000)]) {
      assert.equal((await account(auth, `__Host-Http-access=${value}`)).response.status, 401, value.slice(0, 20));
    }
    const sites = { origin: [SITE, "https://other.example"], issuer: SITE, audience: SITE, clientId: SITE };
    const two = made(sites);
    const ofOne = await signIn(two);
    assert.equal((await account(two, ofOne)).claims.sub, "ada");
    const elsewhere = new Request("https://other.example/account/x", { headers: { cookie: ofOne } });
    assert.equal((await two.handle(elsewhere, {})).response.status, 401);
  });

  test("follow the rotation of the refresh keys", async () => {
    const with_ = (...refresh) => made({ keys: () => ({ access: ACCESS, refresh }) });
    const old = await signIn(with_(OLD));
    assert.equal((await account(with_(OLD, NEW), old)).claims.sub, "ada");
    assert.equal((await account(with_(NEW, OLD), old)).claims.sub, "ada");
  });

  test("of before are read as they are, and sealed from the next refresh on", async () => {
    const plain = await signIn(made({ seal: false }));
    const auth = made();
    assert.equal((await account(auth, plain)).claims.sub, "ada");
    now += 901;
    const renewed = (await account(auth, plain)).finish(new Response("text"));
    assert.doesNotMatch(setCookies(renewed).get("__Host-Http-access").value, /\./);
  });

  test("count with their length once sealed", async () => {
    const events = [];
    const authenticate = () => ({ sub: "ada", claims: { blob: "x".repeat(1_600) } });
    const audience = Array.from({ length: 15 }, (_, at) => `https://service-${at}.example`);
    const options = { authenticate, audience, on: { cookie_too_large: ({ cookie }) => events.push(cookie) } };
    const statusOf = async (seal) => (await post(made({ ...options, seal }), "/auth/login")).status;
    assert.equal(await statusOf(false), 200);
    assert.equal(await statusOf(true), 500);
    assert.deepEqual(events, ["access"]);
  });

  test("take the first of named secrets too", async () => {
    const auth = made({ keys: () => ({ access: [{ kid: "a", secret: ACCESS }] }) });
    assert.match(await signIn(auth), /access=[\w-]+;/);
  });
});
