// The recipes of docs/recipes.md, each as a process of its own: what a newcomer's shortest code survives.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { snippets } from "./snippets.mjs";

// Below the tests, where the packages are found.
const directory = mkdtempSync(join(fileURLToPath(new URL("..", import.meta.url)), "recipes-"));
const running = [];
after(() => {
  for (const child of running) child.kill();
  rmSync(directory, { recursive: true });
});

const YOURS = `
let skipped = 0;
process.on("message", ({ seconds }) => { skipped += seconds; process.send("skipped"); });
export const options = {
  issuer: "https://auth.example.com",
  audience: "https://api.example.com",
  clientId: "web",
  keys: { access: "a secret of at least thirty-two bytes" },
  now: () => Date.now() / 1000 + skipped,
  on: (event) => process.send(event),
};
export const findUser = async ({ username, password }) =>
  username === "ada" && password === "lovelace" ? { id: "ada", scope: "read" } : undefined;
`;

/** A recipe that listens; its clock can be moved, and its events are heard. */
async function started(name) {
  const folder = join(directory, `${name}-${running.length}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "yours.mjs"), YOURS);
  const [{ code }] = snippets("docs/recipes.md", `js ${name}`);
  writeFileSync(join(folder, "server.mjs"), code);
  const port = await freePort();
  const stdio = ["ignore", "inherit", "inherit", "ipc"];
  const child = spawn(process.execPath, [join(folder, "server.mjs")], { env: { ...process.env, PORT: port }, stdio });
  running.push(child);
  const events = [];
  child.on("message", (message) => typeof message === "object" && events.push(message.type));
  const url = `http://127.0.0.1:${port}`;
  for (let tried = 0; tried < 100; tried++) {
    if (await fetch(url).catch(() => undefined)) break;
    await pause(50);
  }
  return {
    url,
    events,
    async sleep(seconds) {
      const skipped = once(child, "message");
      child.send({ seconds });
      await skipped;
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const LOGIN = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ username: "ada", password: "lovelace" }),
};
const DAY = 86_400;

for (const name of ["express", "fastify"]) {
  describe(name, () => {
    /** A browser's jar. */
    const browser = ({ url }) => {
      let jar = "";
      const take = (response) => {
        for (const cookie of response.headers.getSetCookie()) jar = cookie.split(";")[0];
        return response;
      };
      return {
        post: async (path, as = jar) =>
          fetch(url + path, path === "/login" ? LOGIN : { method: "POST", headers: { cookie: as } }),
        take,
        jar: () => jar,
      };
    };

    test("signed in, through two tabs, lost answers, a night and eight days; and out", async () => {
      const server = await started(name);
      const { post, take, jar } = browser(server);
      assert.equal((await fetch(`${server.url}/login`, { ...LOGIN, body: '{"username":"eve"}' })).status, 401);
      const first = take(await post("/login"));
      const { access } = await first.json();
      const orders = await fetch(`${server.url}/orders`, { headers: { authorization: `Bearer ${access}` } });
      assert.deepEqual(await orders.json(), { sub: "ada" });
      assert.equal((await fetch(`${server.url}/orders`)).status, 401);
      for (const seconds of [60, 8 * 3600, 8 * DAY]) {
        await server.sleep(seconds);
        // Two tabs; the answer of one is lost.
        const [one, two] = await Promise.all([post("/refresh"), post("/refresh")]);
        assert.deepEqual([one.status, two.status], [200, 200]);
        take(one);
        await server.sleep(seconds);
        const lost = await post("/refresh");
        assert.equal(lost.status, 200);
        await server.sleep(31);
        assert.equal(take(await post("/refresh")).status, 200);
        assert.equal(lost.headers.get("cache-control"), "no-store");
      }
      assert.ok(!server.events.includes("reuse"));
      assert.deepEqual(await (await post("/logout")).json(), { ended: true });
      assert.equal((await post("/refresh")).status, 400);
      assert.notEqual(jar(), "");
    });

    test("a thief is found", async () => {
      const server = await started(name);
      const { post, take, jar } = browser(server);
      take(await post("/login"));
      const stolen = jar();
      for (let i = 0; i < 2; i++) {
        await server.sleep(60);
        take(await post("/refresh"));
      }
      assert.equal((await post("/refresh", stolen)).status, 400);
      assert.equal((await post("/refresh")).status, 400);
      assert.ok(server.events.includes("reuse"));
    });
  });
}

test("a command line and its token file, on the token endpoint of Hono", async () => {
  const server = await started("hono");
  process.env.TOKEN_FILE = join(directory, "token");
  const [{ code }] = snippets("docs/recipes.md", "js cli");
  writeFileSync(join(directory, "cli.mjs"), code);
  const { accessToken } = await import(join(directory, "cli.mjs"));
  const first = await (await fetch(`${server.url}/login`, LOGIN)).json();
  writeFileSync(process.env.TOKEN_FILE, first.refresh_token);
  for (const seconds of [60, 3600, 8 * DAY]) {
    await server.sleep(seconds);
    // A process that was killed before it saved its answer.
    const body = new URLSearchParams({ refresh_token: readFileSync(process.env.TOKEN_FILE, "utf8") });
    assert.equal((await fetch(`${server.url}/token`, { method: "POST", body })).status, 200);
    await server.sleep(seconds);
    // Two at once.
    const [one] = await Promise.all([accessToken(server.url), accessToken(server.url)]);
    const orders = await fetch(`${server.url}/orders`, { headers: { authorization: `Bearer ${one}` } });
    assert.deepEqual(await orders.json(), { sub: "ada" });
  }
  assert.ok(!server.events.includes("reuse"));
  const token = readFileSync(process.env.TOKEN_FILE, "utf8");
  const ended = await fetch(`${server.url}/revoke`, { method: "POST", body: new URLSearchParams({ token }) });
  assert.deepEqual(await ended.json(), { ended: true });
  await assert.rejects(accessToken(server.url), { message: "sign in again" });
});
