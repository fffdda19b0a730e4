// A client that holds its tokens: lost and late answers, two processes with one file, and the origins that get a token.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bearerSession } from "tandem-jwt/client";
import { memoryTokens, tokenFile } from "tandem-jwt/client/node";

import { startAuthServer } from "./auth-server.mjs";
import { bundleWithout } from "./bed.mjs";
import { gate } from "./network.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

describe("a client by bearer", () => {
  let server;
  let folder;
  before(async () => {
    server = await startAuthServer();
    folder = await mkdtemp(path.join(tmpdir(), "tandem-client-"));
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A client that is signed in, with its own record of what happened. */
  async function client(options = {}) {
    const session = bearerSession({ tokenEndpoint: `${server.url}/auth/token`, ...options });
    const log = [];
    session.on("change", ({ status }) => log.push(status));
    session.on("retry", () => log.push("retry"));
    await session.setTokens(await server.signIn());
    return { session, log };
  }

  test("its token goes with requests, and a refresh brings another", async () => {
    const { session, log } = await client();
    assert.deepEqual(await (await session.fetch(`${server.url}/api`)).json(), { sub: "ada" });
    const { expiresAt, claims } = session.getSnapshot();
    assert.equal(claims.sub, "ada");
    await pause(1_100);
    const after = await session.refresh();
    assert.ok(after.expiresAt > expiresAt);
    assert.deepEqual(log, ["signed-in", "signed-in"]);
    await session.signOut();
    assert.equal(session.getSnapshot().status, "signed-out");
    assert.equal((await session.fetch(`${server.url}/api`)).status, 401);
    session.close();
  });

  test("an expired token is refreshed before the request, once for all who wait", async () => {
    const short = await startAuthServer({ accessTtl: "1s" });
    const session = bearerSession({ tokenEndpoint: `${short.url}/auth/token` });
    await session.setTokens(await short.signIn());
    await pause(1_500);
    const asked = Array.from({ length: 20 }, () => session.fetch(`${short.url}/api`));
    assert.deepEqual([...new Set((await Promise.all(asked)).map(({ status }) => status))], [200]);
    assert.equal(short.refreshes.length, 1);
    session.close();
    await short.stop();
  });

  test("a 401 is answered by one refresh and one more try, and a stream is sent once", async () => {
    const seen = [];
    const origin = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(seen.length % 2 === 1 ? 401 : 200).end();
    });
    await new Promise((resolve) => origin.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${origin.address().port}/`;
    const { session } = await client({ origins: [url] });
    assert.equal((await session.fetch(url, { method: "POST", body: "text" })).status, 200);
    assert.equal(seen.length, 2);
    assert.notEqual(seen[0], seen[1]);

    const body = new Blob(["streamed"]).stream();
    assert.equal((await session.fetch(url, { method: "POST", body, duplex: "half" })).status, 401);
    assert.equal(seen.length, 3);
    session.close();
    origin.close();
  });

  test("its token goes to the origins that were named, and to no other", async () => {
    const seen = [];
    const stranger = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    await new Promise((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const { session } = await client();
    await session.fetch(`http://127.0.0.1:${stranger.address().port}/`);
    assert.deepEqual(seen, [undefined]);
    session.close();
    stranger.close();
  });

  test("a lost answer is asked for again with the same token", async () => {
    const { session, log } = await client();
    server.hooks.token = () => {
      server.hooks.token = undefined;
      return "lost";
    };
    await session.refresh();
    assert.equal(log.at(-1), "retry");
    assert.equal((await session.refresh()).status, "signed-in");
    const [lost, again] = server.refreshes.slice(-2);
    assert.equal(again, lost);
    assert.equal(server.events.at(-1), "grace");
    session.close();
  });

  test("an answer that took longer than half the grace is thrown away", async () => {
    const tokens = memoryTokens();
    const { session, log } = await client({ tokens, grace: 1 });
    const { refresh } = tokens.load();
    server.hooks.token = async () => {
      server.hooks.token = undefined;
      await pause(800);
    };
    await session.refresh();
    assert.equal(log.at(-1), "retry");
    assert.equal(tokens.load().refresh, refresh);
    await session.refresh();
    assert.notEqual(tokens.load().refresh, refresh);
    assert.equal(server.refreshes.at(-1), refresh);
    session.close();
  });

  test("a session that the server has ended is over, and its tokens are gone", async () => {
    const tokens = memoryTokens();
    const { session, log } = await client({ tokens });
    await server.sessions.revokeAll("ada");
    assert.equal((await session.refresh()).status, "signed-out");
    assert.equal(tokens.load(), null);
    assert.deepEqual(log, ["signed-in", "signed-out"]);
    session.close();
  });

  test("a server that is away ends nothing, and the caller's signal counts", async () => {
    const { session, log } = await client();
    const { hold, waiting, release } = gate();
    server.hooks.token = hold;
    const refreshing = session.refresh();
    await waiting;
    await assert.rejects(session.fetch(`${server.url}/api`, { signal: AbortSignal.timeout(100) }), {
      name: "TimeoutError",
    });
    server.hooks.token = undefined;
    release("lost");
    await refreshing;
    assert.equal(session.getSnapshot().status, "signed-in");
    assert.equal(log.at(-1), "retry");
    session.close();
  });

  test("setTokens takes a pair, and nothing else", async () => {
    const session = bearerSession({ tokenEndpoint: `${server.url}/auth/token` });
    await assert.rejects(session.setTokens({ access: "x", refresh: "y" }), TypeError);
    await assert.rejects(session.setTokens({ access: (await server.signIn()).access }), TypeError);
    assert.throws(() => bearerSession({ tokenEndpoint: `${server.url}/auth/token`, refreshAhead: "60s" }), TypeError);
    session.close();
  });

  describe("a token file", () => {
    test("only its owner can read it, and what is no pair is left as it is", async () => {
      const file = path.join(folder, "new folder/tokens.json");
      const store = tokenFile(file);
      assert.equal(await store.load(), null);
      await store.save({ access: "a", refresh: "r" });
      assert.deepEqual(await store.load(), { access: "a", refresh: "r" });
      assert.equal((await stat(file)).mode & 0o777, 0o600);
      await store.save(null);
      assert.equal(await store.load(), null);

      await writeFile(file, "# notes of somebody else");
      await assert.rejects(store.load(), { name: "TypeError", message: /holds no pair of tokens/ });
      assert.equal(await readFile(file, "utf8"), "# notes of somebody else");
      await writeFile(file, "x".repeat(100_000));
      await assert.rejects(store.load(), /too large/);
    });

    test("a lock is waited for, and one that was left behind is taken over", async () => {
      const file = path.join(folder, "locked.json");
      const store = tokenFile(file);
      const order = [];
      const never = new AbortController().signal;
      const first = store.lock(async () => {
        await pause(300);
        order.push("first");
      }, never);
      await pause(50);
      await store.lock(async () => order.push("second"), never);
      await first;
      assert.deepEqual(order, ["first", "second"]);

      await writeFile(`${file}.lock`, "");
      await assert.rejects(
        store.lock(async () => order.push("never"), AbortSignal.timeout(300)),
        { name: "TimeoutError" },
      );
      const longAgo = new Date(Date.now() - 60_000);
      await utimes(`${file}.lock`, longAgo, longAgo);
      await store.lock(async () => order.push("third"), never);
      assert.deepEqual(order, ["first", "second", "third"]);
    });

    test("four processes share one file: one refresh at a time, nobody is signed out", async () => {
      const file = path.join(folder, "shared.json");
      await tokenFile(file).save(await server.signIn());
      server.events.length = 0;
      const workers = Array.from({ length: 4 }, () => run("refresher.mjs", file, `${server.url}/auth/token`, "8"));
      assert.deepEqual(await Promise.all(workers), ["signed-in", "signed-in", "signed-in", "signed-in"]);
      assert.deepEqual(
        server.events.filter((type) => !["rotated", "debounced", "grace"].includes(type)),
        [],
      );
      const last = await server.sessions.refresh((await tokenFile(file).load()).refresh);
      assert.equal(last.ok, true);
    });

    test("a client that was idle reads the file before it refreshes; from memory it would end the session", async (t) => {
      const short = await startAuthServer({ grace: "1s" });
      t.after(() => short.stop());
      /** One client refreshes twice, each time past the grace, while another one is idle. What the server saw. */
      async function idleWhileAnotherRefreshes(client, name) {
        const tokens = client.tokenFile(path.join(folder, name));
        await tokens.save(await short.signIn());
        const open = () => client.bearerSession({ tokenEndpoint: `${short.url}/auth/token`, tokens });
        const [busy, idle] = [open(), open()];
        short.events.length = 0;
        for (const session of [busy, busy, idle]) {
          await pause(2_100);
          await session.refresh();
        }
        busy.close();
        idle.close();
        return short.events.join(" ");
      }
      const usual = await idleWhileAnotherRefreshes({ bearerSession, tokenFile }, "idle.json");
      assert.equal(usual, "rotated rotated");

      const bundled = path.join(folder, "naive.mjs");
      await writeFile(bundled, await bundleNaive());
      const naive = await idleWhileAnotherRefreshes(await import(pathToFileURL(bundled).href), "naive.json");
      assert.equal(naive, "rotated rotated reuse");
    });

    test("a process that is killed in the middle of a refresh leaves a session that goes on", async () => {
      const file = path.join(folder, "killed.json");
      await tokenFile(file).save(await server.signIn());
      let killed;
      server.hooks.token = async () => {
        server.hooks.token = undefined;
        victim.kill("SIGKILL");
        await killed;
      };
      const victim = start("refresher.mjs", file, `${server.url}/auth/token`, "1");
      killed = new Promise((resolve) => victim.once("exit", resolve));
      await killed;
      const longAgo = new Date(Date.now() - 60_000);
      await utimes(`${file}.lock`, longAgo, longAgo);
      assert.equal(await run("refresher.mjs", file, `${server.url}/auth/token`, "2"), "signed-in");
    });
  });

  function start(script, ...args) {
    return spawn(process.execPath, [path.join(here, script), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  }

  /** The last line that a process prints. */
  async function run(...args) {
    const child = start(...args);
    let out = "";
    child.stdout.on("data", (data) => {
      out += data;
    });
    await new Promise((resolve) => child.once("exit", resolve));
    return out.trim().split("\n").at(-1);
  }
});

/** The client for Node without one of its rules: it refreshes from memory. */
function bundleNaive() {
  return bundleWithout("node.ts", {
    "bearer-session.ts": [
      "const found = await read();",
      "const found = held === null ? await read() : viewOf(held.access);",
    ],
  });
}
