// A pair of tokens in a file that many processes share: where public clients lose sessions.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bearerSession } from "tandem-jwt/client";
import { tokenFile } from "tandem-jwt/client/node";

import { startAuthServer } from "./auth-server.mjs";
import { bundleWithout } from "./bed.mjs";
import { gate } from "./network.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

describe("a token file", () => {
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

  // https://github.com/anthropics/claude-code/issues/54443
  for (const isLocked of [true, false]) {
    const name = "thirteen processes share one file, and nobody is signed out: one refresh at a time";
    test(isLocked ? name : `${name}, and many without the lock`, async (t) => {
      const short = await startAuthServer({ grace: "1s" });
      t.after(() => short.stop());
      let [active, peak] = [0, 0];
      short.hooks.token = async () => {
        active += 1;
        peak = Math.max(peak, active);
        await pause(30);
        active -= 1;
      };
      const file = path.join(folder, `${isLocked}.json`);
      await tokenFile(file).save(await short.signIn());
      short.events.length = 0;
      const client = isLocked ? "tandem-jwt/client/node" : path.join(folder, "without-lock.mjs");
      if (!isLocked) {
        await writeFile(client, await bundleWithout("node.ts", { "node.ts": ["await take(lockPath, signal)", "0"] }));
      }
      const ends = await Promise.all(
        Array.from({ length: 13 }, () => run("refresher.mjs", file, `${short.url}/auth/token`, "3", client)),
      );
      if (!isLocked) return assert.ok(peak > 1);
      assert.equal(peak, 1);
      assert.deepEqual([...new Set(ends)], ["signed-in"]);
      assert.ok(short.events.filter((type) => type === "rotated").length >= 3, short.events.join(" "));
      assert.ok(!short.events.includes("reuse"));
      assert.equal((await short.sessions.refresh((await tokenFile(file).load()).refresh)).ok, true);
    });
  }

  test("whoever was asleep with the lock does not take away the lock of the next", async () => {
    const file = path.join(folder, "asleep.json");
    const never = new AbortController().signal;
    const order = [];
    const holder = (name, { hold, waiting }) => {
      const ended = tokenFile(file).lock(async () => {
        order.push(`${name} in`);
        await hold();
        order.push(`${name} out`);
      }, never);
      return { ended, waiting };
    };
    const [one, two, three] = [gate(), gate(), gate()];
    const asleep = holder("one", one);
    await asleep.waiting;
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${file}.lock`, longAgo, longAgo);
    const next = holder("two", two);
    await next.waiting;
    one.release();
    await asleep.ended;
    const last = holder("three", three);
    await pause(500);
    two.release();
    await next.ended;
    await last.waiting;
    three.release();
    await last.ended;
    assert.deepEqual(order, ["one in", "two in", "one out", "two out", "three in", "three out"]);
  });

  test("a process that sleeps in the middle of a refresh throws its answer away, and the others go on", async (t) => {
    const short = await startAuthServer({ grace: "2s" });
    t.after(() => short.stop());
    const file = path.join(folder, "sleeper.json");
    const store = tokenFile(file);
    await store.save(await short.signIn());
    const { hold, waiting, release } = gate();
    short.hooks.token = hold;
    const sleeper = start("refresher.mjs", file, `${short.url}/auth/token`, "1");
    const output = lastLine(sleeper);
    await waiting;
    sleeper.kill("SIGSTOP");
    short.hooks.token = undefined;
    release();
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${file}.lock`, longAgo, longAgo);
    // Two steps past what the sleeper holds: its answer, if it were saved, would end the session.
    for (let step = 0; step < 2; step += 1) {
      assert.equal(await run("refresher.mjs", file, `${short.url}/auth/token`, "1"), "signed-in");
      await pause(3_100);
    }
    const saved = await store.load();
    sleeper.kill("SIGCONT");
    assert.equal(await output, "signed-in");
    assert.deepEqual(await store.load(), saved);
    assert.equal(await run("refresher.mjs", file, `${short.url}/auth/token`, "1"), "signed-in");
    assert.ok(!short.events.includes("reuse"), short.events.join(" "));
  });

  test("a file that cannot be read is told by the refresh, and ends no process", async () => {
    const file = path.join(folder, "notes.json");
    await writeFile(file, "# notes");
    const session = bearerSession({ tokenEndpoint: `${server.url}/auth/token`, tokens: tokenFile(file) });
    const causes = [];
    session.on("retry", ({ cause }) => causes.push(cause.message));
    await pause(100);
    assert.equal((await session.refresh()).status, "signed-out");
    assert.match(causes.join(), /holds no pair of tokens/);
    session.close();
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

  function start(script, ...args) {
    return spawn(process.execPath, [path.join(here, script), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  }

  const run = (...args) => lastLine(start(...args));

  /** The last line that a process prints. */
  async function lastLine(child) {
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
