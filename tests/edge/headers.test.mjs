/** The headers that do not pass, name by name, as docs/edge.md prints them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";

import { cookieOf, edge, SITE } from "./node-bed.mjs";

const docs = readFileSync(new URL("../../docs/edge.md", import.meta.url), "utf8");
const printed = (name) => docs.split(`\`\`\`text ${name}\n`)[1].split("```")[0].trim().split(/\s+/);
const SAME_ORIGIN = { "sec-fetch-site": "same-origin", "content-type": "application/json" };

describe("headers of requests", () => {
  const dropped = printed("request headers");
  /** Headers from a client that an origin must not see. */
  const FORGED = "forged";

  async function forwarded(names, options) {
    const auth = edge({ origin: SITE, ...options });
    const headers = names.map((name) => [name, FORGED]);
    const passed = await auth.handle(new Request(`${SITE}/x`, { headers }), {});
    assert.deepEqual([...passed.request.headers], [...passed.headers]);
    return passed.headers;
  }

  test("the list is as long as it was", () => assert.ok(dropped.length >= 70));

  for (const pattern of dropped) {
    test(`${pattern} is dropped, in every spelling`, async () => {
      const names = pattern.endsWith("*") ? ["", "id", "x-y"].map((end) => pattern.replace("*", end)) : [pattern];
      const spellings = names.flatMap((name) => [
        name,
        name.toUpperCase(),
        name.replaceAll("-", "_"),
        name.replace(/-([^-]*)$/, "_$1"),
      ]);
      const headers = await forwarded(spellings);
      for (const [name, value] of headers) assert.ok(!value.includes(FORGED), name);
    });
  }

  test("what everyone sends passes", async () => {
    const harmless = [
      ..."accept accept-encoding accept-language cache-control content-language content-type dnt etag".split(" "),
      ..."from if-match if-modified-since if-none-match if-range if-unmodified-since origin pragma priority".split(" "),
      ..."range referer sec-fetch-dest sec-gpc traceparent tracestate user-agent via x-csrf-token".split(" "),
      ..."x-correlation-id x-request-id x-requested-with x-user-agent x-api-key idempotency-key baggage".split(" "),
    ].filter((name) => name !== "range");
    const headers = await forwarded(harmless);
    for (const name of harmless) assert.equal(headers.get(name), FORGED, name);
  });

  test("an application adds names", async () => {
    const headers = await forwarded(["X-Badge", "x_badge", "x-badge-number"], { identityHeaders: ["X_Badge"] });
    assert.equal(headers.get("x-badge"), null);
    assert.equal(headers.get("x_badge"), null);
    assert.equal(headers.get("x-badge-number"), FORGED);
  });

  test("the sender's address is passed on where the host knows it, and not where a client says so", async () => {
    const auth = edge();
    const request = () => new Request(`${SITE}/x`, { headers: { "cf-connecting-ip": "6.6.6.6" } });
    const known = await auth.handle(request(), {}, undefined, { address: "203.0.113.7" });
    assert.equal(known.headers.get("x-forwarded-for"), "203.0.113.7");
    assert.equal((await auth.handle(request(), {})).headers.get("x-forwarded-for"), null);
    const vouched = Object.assign(request(), { cf: { colo: "FRA" } });
    assert.equal((await auth.handle(vouched, {})).headers.get("x-forwarded-for"), "6.6.6.6");
  });
});

describe("headers of responses", () => {
  let cookie;
  let auth;
  before(async () => {
    auth = edge({ routes: { "/*": { optional: true }, "/account/*": {}, "/shared/*": { cache: "public" } } });
    const login = { method: "POST", headers: SAME_ORIGIN, body: '{"username":"ada"}' };
    const { response } = await auth.handle(new Request(`${SITE}/auth/login`, login), {});
    cookie = cookieOf(response.headers.getSetCookie());
  });
  async function finished(path, headers, sent = { cookie }) {
    const passed = await auth.handle(new Request(SITE + path, { headers: sent }), {});
    return passed.finish(new Response("text", { headers })).headers;
  }

  for (const name of printed("private responses")) {
    test(`${name} is dropped from what is for one person, and from nothing else`, async () => {
      assert.equal((await finished("/account/x", { [name]: "max-age=60" })).get(name), null);
      assert.equal((await finished("/shared/x", { [name]: "max-age=60" })).get(name), "max-age=60");
      assert.equal((await finished("/x", { [name]: "max-age=60" }, {})).get(name), "max-age=60");
    });
  }

  for (const [given, kept] of [
    ['"cookies"', null],
    ['"cache", "cookies", "storage"', '"cache", "storage"'],
    ['"*"', '"cache", "storage", "executionContexts"'],
    ['"cache"', '"cache"'],
  ]) {
    test(`Clear-Site-Data: ${given} clears no cookie of ours`, async () => {
      for (const sent of [{ cookie }, {}]) {
        assert.equal((await finished("/x", { "clear-site-data": given }, sent)).get("clear-site-data"), kept);
      }
    });
  }
});

describe("hosts", () => {
  test("of a list, each is a site of its own, and no other is served", async () => {
    const auth = edge({ origin: [SITE, "https://other.example"] });
    const asked = async (site) => await auth.handle(new Request(`${site}/x`), {});
    assert.equal((await asked("https://other.example")).headers.get("x-forwarded-host"), "other.example");
    for (const site of ["https://evil.example", "http://app.example", "https://app.example:8443"]) {
      assert.equal((await asked(site)).response.status, 400, site);
    }
    assert.deepEqual(auth.origins, [SITE, "https://other.example"]);
    for (const origin of [[], ["app.example"], [`${SITE}/`], "https://"])
      assert.throws(() => edge({ origin }), TypeError);
  });
});
