/** The recipes of docs/edge.md, each with its framework. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transform } from "esbuild";

import { ask, cookieOf, listen, SITE, signIn } from "./node-bed.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const docs = readFileSync(join(root, "docs/edge.md"), "utf8");
const recipes = new Map(
  [...docs.matchAll(/```ts (.+)\n([^`]+)```/g)]
    .map(([, name, code]) => [name, code])
    .filter(([name]) => name !== "excerpt"),
);
const SAME_ORIGIN = { "sec-fetch-site": "same-origin", "content-type": "application/json" };

describe("the recipes of docs/edge.md", () => {
  let folder;
  before(async () => {
    process.env.ACCESS_KEY = "an access key for tests, of 32 bytes or more";
    process.env.REFRESH_KEY = "a refresh key for tests, of 32 bytes or more";
    // Below the tests, so that their packages are found.
    mkdirSync(join(root, "target"), { recursive: true });
    folder = mkdtempSync(join(root, "target/edge-recipes-"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const [name, source] of recipes) {
      const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
      const { code } = await transform(source, { loader: "ts", tsconfigRaw });
      writeFileSync(join(folder, name.endsWith(".js") ? name : `${name.replace(" ", "-")}.mjs`), code);
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const recipe = (name) => import(pathToFileURL(join(folder, `${name}.mjs`)));

  test("each has 15 lines at most", () => {
    for (const [name, code] of recipes) {
      const lines = code.split("\n").filter((line) => line.trim() !== "");
      assert.ok(lines.length <= 15, `${name} has ${lines.length}`);
    }
    assert.ok(recipes.size >= 10);
  });

  for (const [name, serve] of [
    ["Express", (app) => createServer(app)],
    [
      "Fastify",
      async (app) => {
        await app.ready();
        return app.server;
      },
    ],
    ["Koa", (app) => createServer(app.callback())],
    [
      "NestJS",
      async (app) => {
        app.useLogger(false);
        await app.init();
        return createServer(app.getHttpAdapter().getInstance());
      },
    ],
  ]) {
    test(`${name}: signs in, lets in, keeps out, and signs out`, async (t) => {
      const { app } = await recipe(name);
      const port = await listen(t, await serve(app));
      assert.equal((await ask(port, "/account/name")).status, 401);
      const cookie = await signIn(port, SAME_ORIGIN);
      const known = await ask(port, "/account/name", { headers: { cookie } });
      assert.equal(known.status, 200, known.text);
      assert.deepEqual(JSON.parse(known.text), { name: "ada" });
      assert.match(known.headers["cache-control"], /^private/);
      assert.equal((await ask(port, "/nothing", { headers: { cookie } })).status, 404);
      const out = await ask(port, "/auth/logout", { method: "POST", headers: { ...SAME_ORIGIN, cookie } });
      assert.equal(out.status, 204);
      const after = await ask(port, "/auth/refresh", { method: "POST", headers: { ...SAME_ORIGIN, cookie } });
      assert.equal(after.status, 401);
    });
  }

  test("plain http: the endpoints, and nothing behind them", async (t) => {
    const port = await listen(t, (await recipe("plain-http")).app);
    const cookie = await signIn(port, SAME_ORIGIN);
    assert.equal((await ask(port, "/account/name", { headers: { cookie } })).status, 404);
    assert.equal((await ask(port, "/account/name")).status, 401);
  });

  test("Hono: signs in, lets in with a refresh, and keeps out", async () => {
    const { app } = await recipe("Hono");
    app.get("/cookie", (context) => context.text("set", 200, { "set-cookie": "theme=dark" }));
    const fetched = (path, init) => app.fetch(new Request(SITE + path, init), process.env);
    await passes(fetched, fetched);
    assert.deepEqual((await fetched("/cookie")).headers.getSetCookie(), ["theme=dark"]);
    // The refresh cookie alone: the access token has run out, so an answer brings new ones.
    const cookie = (await signedIn(fetched)).split("; ").find((each) => each.includes("refresh"));
    const response = await fetched("/account/name", { headers: { cookie } });
    assert.equal(response.status, 200);
    assert.ok(response.headers.getSetCookie().some((line) => line.includes("access=ey")));
    assert.equal(response.headers.get("cache-control"), "private, no-store");
    assert.match(response.headers.get("content-type"), /^application\/json/);
  });

  test("Next: the handlers of a route, called as Next calls them", async () => {
    const { GET, POST } = await recipe("Next");
    await passes(
      (path, init) => GET(new Request(SITE + path, init)),
      (path, init) => POST(new Request(SITE + path, init)),
    );
  });

  test("React Router: the middleware, and a loader behind it", async () => {
    const { claimsContext, middleware } = await recipe("React-Router");
    const { createStaticHandler, RouterContextProvider } = await import("react-router");
    const loader = ({ context }) => Response.json({ name: context.get(claimsContext).sub });
    const { queryRoute } = createStaticHandler([
      {
        path: "/",
        middleware,
        children: [
          { path: "account/name", loader },
          { path: "auth/*", action: () => null },
        ],
      },
    ]);
    const called = (path, init) =>
      queryRoute(new Request(SITE + path, init), {
        requestContext: new RouterContextProvider(),
        generateMiddlewareResponse: async (query) => query(new Request(SITE + path, init)),
      });
    await passes(called, called);
  });

  test("SvelteKit: the hook, called as SvelteKit calls it", async () => {
    const { handle } = await recipe("SvelteKit");
    const called = (path, init) => {
      const event = { request: new Request(SITE + path, init), locals: {} };
      return handle({ event, resolve: async ({ locals }) => Response.json({ name: locals.claims.sub }) });
    };
    await passes(called, called);
  });
});

async function signedIn(post) {
  const response = await post("/auth/login", {
    method: "POST",
    headers: SAME_ORIGIN,
    body: '{"username":"ada","password":"right"}',
  });
  assert.equal(response.status, 200);
  return cookieOf(response.headers.getSetCookie());
}

async function passes(get, post) {
  assert.equal((await get("/account/name")).status, 401);
  const cookie = await signedIn(post);
  const response = await get("/account/name", { headers: { cookie } });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { name: "ada" });
  assert.match(response.headers.get("cache-control"), /^private/);
}
