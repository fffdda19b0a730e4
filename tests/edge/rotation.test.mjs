import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DAY, decoded, setCookies, startEdge } from "./harness.mjs";

describe("rotation at the edge", () => {
  let edge;
  before(async () => (edge = await startEdge()));
  after(() => edge.stop());

  /** Signed in, and `rotations` refreshes later. */
  async function session(rotations = 0) {
    const browser = edge.browser();
    await browser.signIn();
    for (let done = 0; done < rotations; done += 1) {
      browser.now += 60;
      assert.equal((await browser.post("/auth/refresh")).status, 200);
    }
    assert.equal(browser.claims("__Host-Http-refresh").gen, rotations);
    await edge.events();
    return browser;
  }

  test("a refresh token older than the parent, replayed, revokes the session", async () => {
    const browser = await session();
    const thief = browser.copy();
    for (const _ of [1, 2]) {
      browser.now += 60;
      await browser.post("/auth/refresh");
    }
    thief.now = browser.now;
    const caught = await thief.post("/auth/refresh");
    assert.equal(caught.status, 401);
    assert.equal((await caught.json()).error, "invalid_grant");
    assert.deepEqual(await edge.events().then((types) => types.filter((type) => type === "reuse")), ["reuse"]);

    browser.now += 60;
    assert.equal((await browser.fetch("/checked/x")).status, 401, "both are out");
    assert.equal(browser.jar.size, 0, "and the cookies with them");
  });

  test("the parent, replayed after the grace, burns the current token, whose next use revokes the session", async () => {
    const browser = await session();
    const thief = browser.copy();
    browser.now += 60;
    await browser.post("/auth/refresh");
    thief.now = browser.now += 60;
    assert.equal((await thief.post("/auth/refresh")).status, 200);
    assert.equal(thief.claims("__Host-Http-refresh").gen, 2);

    const honest = await browser.post("/auth/refresh");
    assert.equal(honest.status, 401);
    assert.ok((await edge.events()).includes("reuse"));
    thief.now += 60;
    assert.equal((await thief.post("/auth/refresh")).status, 401, "the thief is out too");
  });

  test("one session found out ends no other", async () => {
    const phone = await session(2);
    const laptop = await session();
    const thief = phone.copy();
    for (const _ of [1, 2]) {
      phone.now += 60;
      await phone.post("/auth/refresh");
    }
    thief.now = laptop.now = phone.now;
    assert.equal((await thief.post("/auth/refresh")).status, 401);
    assert.equal((await laptop.post("/auth/refresh")).status, 200);
  });

  test("two tabs at once get the same successor", async () => {
    const browser = await session();
    const tab = browser.copy();
    tab.now = browser.now += 60;
    await browser.post("/auth/refresh");
    tab.now += 1;
    await tab.post("/auth/refresh", undefined, { isolate: "b" });
    assert.equal(tab.jar.get("__Host-Http-refresh"), browser.jar.get("__Host-Http-refresh"));
    assert.notEqual(tab.jar.get("__Host-Http-access"), browser.jar.get("__Host-Http-access"));
  });

  test("a lost response is answered again: the same within the grace, by recovery days later", async () => {
    const browser = await session();
    browser.now += 901;
    const lost = await browser.fetch("/api/echo", { keep: false });
    const successor = setCookies(lost).get("__Host-Http-refresh").value;
    browser.now += 10;
    await browser.fetch("/api/echo", { keep: false });
    assert.ok((await edge.events()).includes("grace"));
    browser.now += 10;
    const again = await browser.fetch("/api/echo", { keep: false });
    assert.equal(setCookies(again).get("__Host-Http-refresh").value, successor);

    browser.now += 3 * DAY;
    const awake = await browser.fetch("/api/echo");
    assert.equal(awake.status, 200);
    assert.equal(decoded(setCookies(awake).get("__Host-Http-refresh").value).gen, 2);
    browser.now += 901;
    assert.equal((await browser.fetch("/api/echo")).status, 200);
  });

  test("the current token used again at once gives an access token, and no refresh cookie", async () => {
    const browser = await session(1);
    browser.now += 5;
    const response = await browser.post("/auth/refresh");
    assert.equal(response.status, 200);
    assert.deepEqual([...setCookies(response).keys()].sort(), ["__Host-Http-access", "session"]);
    assert.equal(browser.claims("__Host-Http-refresh").gen, 1);
  });

  test("a thousand requests at once in two isolates with one expired token: all answered, one rotation", async (t) => {
    const browser = await session();
    browser.now += 901;
    const started = performance.now();
    const requests = Array.from({ length: 1_000 }, (_, at) =>
      browser.fetch("/api/echo", { keep: false, isolate: at % 2 === 0 ? "a" : "b" }).then(async (response) => {
        await response.text();
        return response;
      }),
    );
    const responses = await Promise.all(requests);
    const took = Math.round(performance.now() - started);
    assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
    const handedOut = responses
      .map((response) => setCookies(response).get("__Host-Http-refresh")?.value)
      .filter(Boolean);
    assert.equal(new Set(handedOut).size, 1, "one successor, however often it was handed out");
    assert.ok(responses.every((response) => setCookies(response).has("__Host-Http-access")));
    const events = await edge.events();
    const count = (type) => events.filter((each) => each === type).length;
    assert.equal(count("rotated"), 1);
    assert.equal(events.length, 1_000, "each was a rotation, a hand-out of it, or an access token alone");
    t.diagnostic(
      `${took} ms; ${count("grace")} hand-outs, ${count("debounced")} debounced, ${handedOut.length} cookies`,
    );

    // Whichever answer comes last into the jar, and from whichever isolate the next one is.
    for (const response of responses.reverse()) browser.keep(response);
    browser.now += 901;
    assert.equal((await browser.fetch("/api/echo", { isolate: "b" })).status, 200);
    assert.equal(browser.claims("__Host-Http-refresh").gen, 2);
  });

  test("a response that leaves late writes none of our cookies, and the next request recovers", async () => {
    const browser = await session();
    browser.now += 901;
    const inTime = await browser.copy().fetch("/slow/x", { headers: { takes: "5" } });
    assert.ok(setCookies(inTime).has("__Host-Http-refresh"));
    const late = await browser.fetch("/slow/x", { headers: { takes: "40" } });
    assert.equal(late.status, 200);
    assert.equal(late.headers.getSetCookie().length, 0);
    browser.now += 40;
    const next = await browser.fetch("/api/echo");
    assert.equal(next.status, 200);
    assert.ok(setCookies(next).has("__Host-Http-refresh"));
    browser.now += 901;
    assert.equal((await browser.fetch("/api/echo")).status, 200);
  });

  test("a sign-out that comes to light late clears nothing either", async () => {
    const browser = await session();
    await browser.copy().post("/auth/logout");
    browser.now += 901;
    const late = await browser.fetch("/slow/x", { headers: { takes: "6" } });
    assert.equal(late.status, 200, "an optional route: answered as nobody");
    assert.equal(late.headers.getSetCookie().length, 0);
    const prompt = await browser.fetch("/slow/x", { headers: { takes: "1" } });
    assert.equal(prompt.headers.getSetCookie().length, 3);
    assert.equal(browser.jar.size, 0);
  });
});
