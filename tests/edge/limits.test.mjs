/** What may not come too often: the counts, and the edge that asks them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

import { keyOf, Limits } from "../../pkg/dist/edge/limits.js";
import { bundleWorker } from "../../www/build.mjs";
import { edge, SITE } from "./node-bed.mjs";

const by = (kind, address = "203.0.113.7", sid = null) => ({ kind, address, sid });
const JSON_TYPE = { "content-type": "application/json" };

describe("limits", () => {
  test("so many in a period, at once or spread, and then as many as the period has room for", () => {
    const limits = new Limits({ signIns: { limit: 3, per: 60 } });
    for (let count = 0; count < 3; count += 1) assert.equal(limits.take(by("sign-in"), 1000), 0);
    assert.equal(Math.round(limits.take(by("sign-in"), 1000)), 20);
    assert.equal(Math.round(limits.take(by("sign-in"), 1019)), 1, "asking costs nothing");
    assert.equal(limits.take(by("sign-in"), 1020), 0);
    assert.ok(limits.take(by("sign-in"), 1020) > 0);
    assert.equal(limits.take(by("sign-in", "203.0.113.8"), 1020), 0, "another address");
    assert.equal(limits.take(by("endpoint"), 1020), 0, "another kind");
    for (let count = 0; count < 3; count += 1) assert.equal(limits.take(by("sign-in"), 2000), 0);
  });

  test("sign-ins that fail wait longer each time, and a quiet quarter of an hour forgives", () => {
    const limits = new Limits({ failures: 2 });
    let now = 1000;
    const waits = [];
    for (let count = 0; count < 14; count += 1) {
      const wait = limits.take(by("sign-in"), now);
      waits.push(Math.round(wait));
      now += wait;
      assert.equal(limits.take(by("sign-in"), now), 0);
      limits.take(by("failed-sign-in"), now);
    }
    assert.deepEqual(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
    assert.ok(limits.take(by("sign-in"), now + 899) > 0);
    assert.equal(limits.take(by("sign-in"), now + 901), 0);
    assert.equal(limits.take(by("sign-in", "203.0.113.8"), now), 0, "another address");
  });

  test("a session is counted as one wherever it comes from, a stranger by address", () => {
    const limits = new Limits({ requests: { limit: 2, per: 60 } });
    assert.equal(limits.take(by("request", "203.0.113.1", "a"), 0), 0);
    assert.equal(limits.take(by("request", "203.0.113.2", "a"), 0), 0);
    assert.ok(limits.take(by("request", "203.0.113.3", "a"), 0) > 0);
    assert.equal(limits.take(by("request", "203.0.113.3", "b"), 0), 0);
    assert.equal(limits.take(by("request", "203.0.113.3"), 0), 0);
  });

  test("an address of IPv6 counts by its first half, and one that is not known not at all", () => {
    for (const [address, key] of [
      ["203.0.113.7", "203.0.113.7"],
      ["::ffff:203.0.113.7", "203.0.113.7"],
      ["::FFFF:cb00:7107", "203.0.113.7"],
      ["64:ff9b::203.0.113.7", "203.0.113.7"],
      ["64:ff9b::cb00:7107", "203.0.113.7"],
      ["64:ff9b:1::cb00:7107", "64:ff9b:1:0"],
      ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
      ["2001:DB8:0001:2::9", "2001:db8:1:2"],
      ["2001:db8::1", "2001:db8:0:0"],
      ["::1", "0:0:0:0"],
      ["fe80::1%eth0", "fe80:0:0:0"],
      ["", null],
      [null, null],
    ]) {
      assert.equal(keyOf(by("sign-in", address)), key, address);
    }
    const limits = new Limits({ signIns: { limit: 1, per: 60 } });
    for (let count = 0; count < 3; count += 1) assert.equal(limits.take(by("sign-in", null), 0), 0);
  });

  test("strangers cannot make the counts grow without bound", () => {
    const limits = new Limits();
    for (let count = 0; count < 30_000; count += 1) {
      const address = `10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`;
      limits.take(by("sign-in", address), count / 1000);
      limits.take(by("failed-sign-in", address), count / 1000);
    }
    assert.equal(limits.size, 10_000);
  });

  test("rules that nobody could keep to are refused", () => {
    for (const rule of [
      { limit: 0, per: 60 },
      { limit: 1, per: 0 },
      { limit: Number.NaN, per: 1 },
    ]) {
      assert.throws(() => new Limits({ signIns: rule }), TypeError);
    }
  });
});

describe("an edge with limits", () => {
  const login = (password = "right") =>
    new Request(`${SITE}/auth/login`, {
      method: "POST",
      headers: { ...JSON_TYPE, "sec-fetch-site": "same-origin" },
      body: JSON.stringify({ username: "ada", password }),
    });

  test("asks for each try, with what is known of its sender", async () => {
    const attempts = [];
    const auth = edge({
      rateLimit: (attempt) => {
        attempts.push(attempt);
        return 0;
      },
      authenticate: async (request) => {
        const { username, password } = await request.json();
        return password === "right" ? { sub: username } : null;
      },
    });
    const from = { address: "203.0.113.7" };
    const { response } = await auth.handle(login(), {}, undefined, from);
    const cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(";", 1)[0])
      .join("; ");
    await auth.handle(login("wrong"), {}, undefined, from);
    const { claims } = await auth.handle(
      new Request(`${SITE}/account/x`, { headers: { cookie } }),
      {},
      undefined,
      from,
    );
    await auth.handle(new Request(`${SITE}/x`), {}, undefined, from);
    await auth.handle(new Request(`${SITE}/auth/session`), {}, undefined, from);
    for (const path of ["/.well-known/jwks.json", "/account/x"]) await auth.handle(new Request(SITE + path), {});
    assert.deepEqual(
      attempts.map(({ kind, address, sid }) => [kind, address, sid]),
      [
        ["sign-in", "203.0.113.7", null],
        ["sign-in", "203.0.113.7", null],
        ["failed-sign-in", "203.0.113.7", null],
        ["request", "203.0.113.7", claims.sid],
        ["request", "203.0.113.7", null],
        ["endpoint", "203.0.113.7", null],
      ],
    );
  });

  test("answers 429 with the seconds to wait, and asks nobody for the password", async () => {
    let asked = 0;
    const auth = edge({
      rateLimit: ({ kind }) => (kind === "sign-in" ? 7.2 : 0),
      authenticate: () => {
        asked += 1;
        return null;
      },
    });
    const { response } = await auth.handle(login(), {});
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "8");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(asked, 0);
  });

  test("a count that is away closes nothing, and the operator hears of it", async () => {
    const events = [];
    const auth = edge({
      rateLimit: () => Promise.reject(new Error("away")),
      on: { unavailable: ({ during }) => events.push(during) },
    });
    assert.equal((await auth.handle(login(), {})).response.status, 200);
    assert.deepEqual(events, ["rate-limit"]);
  });

  test("what comes with a refresh is not lost with the 429", async () => {
    let isClosed = false;
    const auth = edge({ rateLimit: () => (isClosed ? 1 : 0) });
    const { response } = await auth.handle(login(), {});
    const refresh = response.headers.getSetCookie().find((line) => line.includes("refresh"));
    isClosed = true;
    const headers = { cookie: refresh.split(";", 1)[0] };
    const { response: stopped } = await auth.handle(new Request(`${SITE}/account/x`, { headers }), {});
    assert.equal(stopped.status, 429);
    assert.ok(stopped.headers.getSetCookie().some((line) => line.includes("access=ey")));
  });

  for (const kind of ["object", "binding"]) {
    test(`in workerd, by a ${kind}`, async (t) => {
      const mf = new Miniflare({
        cf: false,
        modules: await bundleWorker(fileURLToPath(new URL("fixtures/limits.js", import.meta.url))),
        compatibilityDate: "2026-04-01",
        bindings: { ACCESS_KEY: "an access key for tests, of 32 bytes or more", BY: kind },
        ratelimits: { LIMITER: { simple: { limit: 5, period: 60 } } },
        durableObjects: {
          SESSIONS: { className: "TandemSessions", useSQLite: true },
          LIMITS: { className: "TandemLimits", useSQLite: true },
        },
      });
      t.after(() => mf.dispose());
      const signIn = async (address, password = "right") => {
        const response = await mf.dispatchFetch(`${SITE}/auth/login`, {
          method: "POST",
          headers: { ...JSON_TYPE, "test-address": address },
          body: JSON.stringify({ username: "ada", password }),
        });
        await response.text();
        return response.status;
      };
      for (let count = 0; count < 5; count += 1) assert.equal(await signIn("203.0.113.7"), 200);
      assert.equal(await signIn("203.0.113.7"), 429);
      assert.equal(await signIn("203.0.113.8"), 200);
      if (kind === "binding") return;
      for (let count = 0; count < 4; count += 1) await signIn("203.0.113.9", "wrong");
      assert.equal(await signIn("203.0.113.9"), 429, "after failures sooner");
    });
  }
});
