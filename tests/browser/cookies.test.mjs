// The cookies of the edge in real browsers: script cannot plant, read or clear them.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { edgeAuth } from "tandem-jwt/edge";
import { toNodeHandler } from "tandem-jwt/node";
import { memoryStore } from "tandem-jwt/session";

import { browsers } from "./browsers.mjs";

const OURS = ["__Host-Http-access", "__Host-Http-refresh"];
const ALL = [...OURS, "__Host-Http-session-out"];

for (const { name, skip, launch } of browsers) {
  describe(`the cookies of the edge, and script, in ${name}`, { skip }, () => {
    let browser;
    let server;
    let site;
    let page;
    let context;
    before(async () => {
      let handler;
      server = createServer((request, response) => handler(request, response, () => next(request, response)));
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      // Browsers take localhost for a safe place, so that Secure cookies are kept without TLS.
      site = `http://localhost:${server.address().port}`;
      const store = memoryStore();
      handler = toNodeHandler(
        edgeAuth({
          origin: site,
          store: () => store,
          keys: () => ({ access: "an access key for tests, of 32 bytes or more" }),
          authenticate: async (request) => ({ sub: (await request.json()).username }),
          routes: { "/*": { optional: true }, "/account/*": {} },
        }),
      );
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      server?.closeAllConnections();
      server?.close();
    });

    /** The application: a page, and one that sets cookies as a server without care would. */
    function next(request, response) {
      if (request.url === "/careless") {
        response.setHeader(
          "set-cookie",
          // Without HttpOnly the prefix is refused, whoever sets it. The edge drops its own names, so others are taken.
          ["__Host-Http-mine=1; Path=/; Secure; HttpOnly", "__Host-Http-open=1; Path=/; Secure"],
        );
      }
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>page</title>");
    }

    async function signedIn(t) {
      context = await browser.newContext();
      t.after(() => context.close());
      await context.addInitScript("globalThis.write = (line) => { document.cookie = line; }");
      page = await context.newPage();
      await page.goto(site);
      const status = await page.evaluate(async () => {
        const response = await fetch("/auth/login", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '{"username":"ada"}',
        });
        return response.status;
      });
      assert.equal(status, 200);
      return held();
    }
    async function held() {
      const cookies = await context.cookies(site);
      return new Map(cookies.map(({ name, value }) => [name, value]));
    }
    const account = () => page.evaluate(async () => (await fetch("/account/x")).status);

    test("cannot read them", async (t) => {
      const cookies = await signedIn(t);
      assert.deepEqual([...cookies.keys()].sort(), [...OURS, "session"]);
      const seen = await page.evaluate(async () => [
        document.cookie,
        ...(await cookieStore.getAll()).map(({ name }) => name),
      ]);
      assert.doesNotMatch(seen.join(), /__Host-Http/);
      assert.match(seen.join(), /session/);
      assert.equal(await account(), 200);
    });

    test("cannot plant them, before a sign-in or after", async (t) => {
      const plant = () =>
        page.evaluate(async (names) => {
          for (const name of names) {
            for (const attributes of ["; Secure; Path=/", "; Secure; Path=/; Max-Age=60", "", "; Path=/x; Secure"]) {
              globalThis.write(`${name}=evil${attributes}`);
              // A cookie without a name, whose value looks like one with.
              globalThis.write(`=${name}=evil${attributes}`);
              globalThis.write(` ${name} =evil${attributes}`);
              globalThis.write(`${name.toLowerCase()}=evil${attributes}`);
            }
            await cookieStore.set(name, "evil").catch(() => {});
            await cookieStore.set({ name, value: "evil", path: "/account" }).catch(() => {});
          }
        }, ALL);
      const cookies = await signedIn(t);
      await plant();
      const after = await held();
      for (const name of OURS) assert.equal(after.get(name), cookies.get(name), name);
      assert.equal(after.has(ALL[2]), false);
      for (const [name, value] of after) assert.notEqual(value, "evil", name);
      assert.equal(await account(), 200);

      await context.clearCookies();
      await plant();
      assert.deepEqual(
        [...(await held()).keys()].filter((name) => /http/i.test(name)),
        [],
      );
      assert.equal(await account(), 401);
    });

    test("cannot clear them", async (t) => {
      const cookies = await signedIn(t);
      await page.evaluate(async (names) => {
        for (const name of names) {
          globalThis.write(`${name}=; Max-Age=0; Secure; Path=/`);
          globalThis.write(`${name}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/`);
          await cookieStore.delete(name).catch(() => {});
        }
      }, ALL);
      const after = await held();
      for (const name of OURS) assert.equal(after.get(name), cookies.get(name), name);
      assert.equal(await account(), 200);
    });

    test("the prefix is what the browser holds to: HttpOnly, and set over HTTP", async (t) => {
      await signedIn(t);
      await page.goto(`${site}/careless`);
      const names = [...(await held()).keys()];
      assert.ok(names.includes("__Host-Http-mine"));
      assert.ok(!names.includes("__Host-Http-open"));
    });

    test("a logout clears them all, and leaves what keeps a late answer out", async (t) => {
      await signedIn(t);
      await page.evaluate(() => fetch("/auth/logout", { method: "POST" }));
      assert.deepEqual([...(await held()).keys()], ["__Host-Http-session-out"]);
      assert.equal(await account(), 401);
    });
  });
}
