// Pages that send people to sign in, and a sign-in page that sends them back: at most one round, whatever the browser, a
// cache or a clock does. Each case runs again with its protection taken out, and goes in circles then.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { edgeAuth } from "tandem-jwt/edge";
import { toNodeHandler } from "tandem-jwt/node";
import { memoryStore } from "tandem-jwt/session";

import { browsers } from "../browser/browsers.mjs";
import { bundleClient, documentOf, HOUR, wrongBy } from "./bed.mjs";
import { until } from "./network.mjs";

/** What pages of applications do: each goes to the other as soon as the session says so. */
const go = (wanted, elsewhere) => `
  const session = globalThis.client.browserSession();
  const go = () => session.getSnapshot().status === "${wanted}" && location.replace("${elsewhere}");
  session.on("change", go);
  globalThis.signIn = () => session.signIn({}).catch(({ code }) => document.body.append(code));
  go();`;

/**
 * An application: `/account` is for those who are signed in, `/sign-in` for everybody. `visits` are the documents that the
 * browser asked for. `meddle` changes the headers of an answer, as a server without the protection would send them.
 */
async function startApp({ without, before = "", meddle = () => undefined } = {}) {
  const script = await bundleClient(without);
  const visits = [];
  let handler;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (request.headers["sec-fetch-dest"] === "document") visits.push(pathname);
    const writeHead = response.writeHead.bind(response);
    response.writeHead = (status, ...rest) => {
      const headers = new Headers();
      for (const given of [response.getHeaders(), ...rest]) {
        if (typeof given !== "object") continue;
        for (const [name, value] of Array.isArray(given) ? pairsOf(given) : Object.entries(given)) {
          for (const one of [value].flat()) headers.append(name, one);
        }
      }
      meddle(status, headers);
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      const cookies = headers.getSetCookie();
      headers.delete("set-cookie");
      if (cookies.length > 0) response.setHeader("set-cookie", cookies);
      for (const [name, value] of headers) response.setHeader(name, value);
      return writeHead(status);
    };
    handler(request, response, () => {
      const leave = pathname === "/sign-in" ? ["signed-in", "/account"] : ["signed-out", "/sign-in"];
      response.setHeader("content-type", "text/html");
      response.end(documentOf([before, script, go(...leave)]));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://localhost:${server.address().port}`;
  const store = memoryStore();
  handler = toNodeHandler(
    edgeAuth({
      origin: url,
      store: () => store,
      keys: () => ({ access: "an access key for tests, of 32 bytes or more" }),
      authenticate: () => ({ sub: "ada" }),
      signIn: "/sign-in",
      routes: { "/sign-in": { optional: true } },
      policy: { accessTtl: "6s", grace: "20s" },
    }),
  );
  return {
    url,
    visits,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function pairsOf(flat) {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);
}

/** What answers of the edge look like without one of its rules. */
const CARELESS = {
  "a redirect is not kept": (status, headers) => {
    if (status === 302) headers.set("cache-control", "private, max-age=600");
  },
  "a companion without tokens is cleared": (_, headers) => {
    const kept = headers.getSetCookie().filter((line) => !line.startsWith("session=;"));
    headers.delete("set-cookie");
    for (const line of kept) headers.append("set-cookie", line);
  },
};

for (const { name, skip, launch, launchWithoutCookies } of browsers) {
  describe(`between page and sign-in, in ${name}`, { skip, concurrency: 4 }, () => {
    /** A browser of its own for each: what is kept and what is refused belongs to the whole of it. */
    function protectedBy(protection, what, options, open, work) {
      const run = async (given) => {
        const app = await startApp(given);
        const { context, close } = await open();
        try {
          await work({ app, context, page: await context.newPage() });
        } finally {
          await close();
          await app.stop();
        }
      };
      const careless = CARELESS[protection];
      test(what, () => run(options));
      test(`${what}: goes in circles without "${protection}"`, () => {
        const absent = careless === undefined ? { without: protection } : { meddle: careless };
        return assert.rejects(run({ ...options, ...absent }), assert.AssertionError);
      });
    }
    const usual = async () => {
      const browser = await launch();
      return { context: await browser.newContext(), close: () => browser.close() };
    };
    const at = (page, path) => until(() => new URL(page.url()).pathname === path);
    const signIn = (page) => page.evaluate(() => void globalThis.signIn());

    // https://github.com/clerk/javascript/pull/7335
    protectedBy(
      "a sign-in that left no cookie is told",
      "a browser that refuses cookies: the page says why",
      {},
      launchWithoutCookies,
      async ({ app, page }) => {
        await page.goto(`${app.url}/account`);
        await at(page, "/sign-in");
        await signIn(page);
        await pause(2_000);
        assert.deepEqual(app.visits, ["/account", "/sign-in"]);
        assert.match(await page.evaluate(() => document.body.textContent), /ERR_COOKIES_BLOCKED/);
        assert.deepEqual(await page.evaluate(() => globalThis.problems), []);
      },
    );

    if (name === "Firefox") {
      protectedBy(
        "a refused channel is no accident",
        "a browser that refuses channels",
        {},
        launchWithoutCookies,
        async ({ app, page }) => {
          await page.goto(`${app.url}/sign-in`);
          assert.deepEqual(await page.evaluate(() => globalThis.problems), []);
        },
      );
    }

    for (const [protection, what] of [
      // https://github.com/clerk/javascript/pull/4171
      ["a redirect is not kept", "a redirect to sign in, and back"],
      ["a page knows at once", "a page that asks for the session while it loads"],
    ]) {
      protectedBy(protection, what, {}, usual, async ({ app, page }) => {
        await page.goto(`${app.url}/account`);
        await at(page, "/sign-in");
        await signIn(page);
        await until(() => app.visits.length === 3);
        await pause(1_000);
        await at(page, "/account");
        assert.deepEqual(app.visits, ["/account", "/sign-in", "/account"]);
      });
    }

    protectedBy(
      "a companion without tokens is cleared",
      "a browser that lost the tokens, and not what tells of them",
      {},
      usual,
      async ({ app, context, page }) => {
        await page.goto(`${app.url}/sign-in`);
        await signIn(page);
        await at(page, "/account");
        for (const cookie of ["__Host-Http-access", "__Host-Http-refresh"])
          await context.clearCookies({ name: cookie });
        app.visits.length = 0;
        await page.goto(`${app.url}/account`);
        await pause(2_000);
        await at(page, "/sign-in");
        assert.deepEqual(app.visits, ["/account", "/sign-in"]);
      },
    );

    // https://github.com/clerk/javascript/issues/865
    for (const [way, wrong] of [
      ["ahead", HOUR],
      ["behind", -HOUR],
    ]) {
      protectedBy(
        "no session is judged by the device's clock",
        `a clock one hour ${way}`,
        { before: wrongBy(wrong) },
        usual,
        async ({ app, page }) => {
          await page.goto(`${app.url}/account`);
          await at(page, "/sign-in");
          await signIn(page);
          await until(() => app.visits.length === 3);
          // More than a life of the token, so that it is refreshed.
          await pause(8_000);
          assert.deepEqual(app.visits, ["/account", "/sign-in", "/account"]);
          await at(page, "/account");
        },
      );
    }
  });
}
