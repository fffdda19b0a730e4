/** The demo as a person without a browser meets it: its life as a process, and its flow over HTTP. */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { decoded, parsed } from "./harness.mjs";

const script = fileURLToPath(new URL("../../www/serve.mjs", import.meta.url));
const json = { "content-type": "application/json" };

/** Starts it with a folder for temporary files of its own, and waits for the line that it prints when it serves. */
async function start(...flags) {
  const folder = mkdtempSync(path.join(tmpdir(), "tandem-demo-test-"));
  const env = { ...process.env, TMPDIR: folder };
  // A process group of its own, as a shell gives to what is typed into it.
  const server = spawn(process.execPath, [script, "--port", "0", ...flags], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  let printed = "";
  for await (const chunk of server.stdout) {
    printed += chunk;
    const url = /^ready: (http:\/\/localhost:\d+)$/m.exec(printed)?.[1];
    if (url !== undefined) return { server, url, folder };
  }
  throw new Error(`the demo did not start: ${printed}`);
}

async function stop({ server, folder }, signal = "SIGTERM") {
  const ended = once(server, "exit");
  // Ctrl-C goes to the whole group, workerd too.
  process.kill(signal === "SIGINT" ? -server.pid : server.pid, signal);
  const [code] = await ended;
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true, force: true });
  return { code, left };
}

describe("the demo as a process", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    test(`${signal} ends it cleanly, and nothing is left behind`, async () => {
      const demo = await start();
      const below = descendants(demo.server.pid);
      assert.ok(below.length > 0, "workerd runs");
      const { code, left } = await stop(demo, signal);
      assert.equal(code, 0);
      assert.deepEqual(left, [], "temporary files");
      assert.deepEqual(below.filter(isAlive), [], "processes");
    });
  }

  test("a signal during the start ends it just as well", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "tandem-demo-test-"));
    const server = spawn(process.execPath, [script, "--port", "0"], {
      env: { ...process.env, TMPDIR: folder },
      stdio: "ignore",
      detached: true,
    });
    // Not earlier: until its listeners stand, a signal ends Node as it ends any program.
    while (readdirSync(folder).length === 0) await pause(5);
    await pause(50);
    assert.deepEqual(await stop({ server, folder }, "SIGINT"), { code: 0, left: [] });
  });

  test("a port in use and a wrong flag are one line each, and exit code 2", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const run = (...flags) => spawnSync(process.execPath, [script, ...flags], { encoding: "utf8" });
    const { port } = taken.address();
    const inUse = run("--port", String(port));
    taken.close();
    assert.equal(inUse.status, 2);
    assert.equal(inUse.stderr, `error: port ${port} is in use; choose another with --port, or 0 for any free one\n`);
    const wrong = run("--grace", "soon");
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /^error: --grace soon: must be a number and a unit.*\n$/);
    const help = run("--help");
    assert.equal(help.status, 0);
    assert.match(help.stdout, /--access-ttl/);
  });
});

describe("the flow of the demo", () => {
  let demo;
  before(async () => (demo = await start("--access-ttl", "2s", "--grace", "1s", "--recovery", "1h")));
  after(() => stop(demo));

  /** As curl with a cookie jar. */
  function client(jar = new Map()) {
    const ask = async (to, init = {}) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(demo.url + to, {
        ...init,
        headers: { ...json, ...init.headers, ...(cookie && { cookie }) },
      });
      for (const line of response.headers.getSetCookie()) {
        const { name, value, attributes } = parsed(line);
        if (attributes.get("max-age") === "0") jar.delete(name);
        else jar.set(name, value);
      }
      return response;
    };
    return {
      jar,
      ask,
      post: (to, body = {}) => ask(to, { method: "POST", body: JSON.stringify(body) }),
      copy: () => client(new Map(jar)),
      generation: () => decoded(jar.get("__Host-Http-refresh")).gen,
    };
  }

  async function signedIn(username = "ada", password = "lovelace") {
    const browser = client();
    const response = await browser.post("/auth/login", { username, password });
    assert.equal(response.status, 200);
    return browser;
  }

  test("sign in, call, let it expire, call again: the origin sees a fresh token, the jar gets new cookies", async () => {
    const browser = await signedIn();
    const companion = JSON.parse(decodeURIComponent(browser.jar.get("session")));
    assert.deepEqual(Object.keys(companion), ["iat", "exp", "sid", "sub", "name", "role", "pace"]);
    assert.equal(companion.name, "Ada Lovelace");
    const first = (await (await browser.ask("/api/me")).json()).claims;
    assert.equal(first.sub, "ada");
    assert.equal(first.iss, demo.url);
    const before = new Map(browser.jar);

    await pause(2_100);
    const response = await browser.ask("/api/me");
    assert.equal(response.status, 200);
    const second = (await response.json()).claims;
    assert.ok(second.exp > first.exp && second.jti !== first.jti);
    assert.equal(second.sid, first.sid);
    for (const name of ["__Host-Http-access", "__Host-Http-refresh", "session"])
      assert.notEqual(browser.jar.get(name), before.get(name), name);
  });

  test("a refresh token older than the parent, replayed, revokes the session", async () => {
    const browser = await signedIn("alan", "turing");
    const thief = browser.copy();
    for (const generation of [1, 2]) {
      await browser.post("/auth/refresh");
      assert.equal(browser.generation(), generation);
      await pause(2_100); // whole seconds count: past the grace for certain
    }
    assert.equal((await thief.post("/auth/refresh")).status, 401);
    assert.equal((await browser.post("/auth/refresh")).status, 401);
    assert.equal((await browser.ask("/api/me")).status, 401);
  });

  test("a replayed parent burns the current token after the grace, and the next use of that revokes", async () => {
    const browser = await signedIn();
    const thief = browser.copy();
    await browser.post("/auth/refresh");
    await pause(2_100);
    assert.equal((await thief.post("/auth/refresh")).status, 200);
    assert.equal(thief.generation(), 2);
    assert.equal((await browser.post("/auth/refresh")).status, 401);
    assert.equal((await thief.post("/auth/refresh")).status, 401);
  });

  test("each answer carries a report of what the edge did, and of no other request", async () => {
    const reportOf = (response) => JSON.parse(response.headers.get("demo-report"));
    const told = (response) => {
      const { status, presented, generation, heard } = reportOf(response);
      return { status, presented, generation, heard: heard.map(({ type }) => type) };
    };
    const browser = client();
    const signedIn = await browser.post("/auth/login", { username: "ada", password: "lovelace" });
    assert.deepEqual(told(signedIn), { status: 200, presented: null, generation: 0, heard: ["issued"] });
    const { access } = reportOf(signedIn);
    assert.equal(access.exp, decoded(browser.jar.get("__Host-Http-access")).exp);
    const thief = browser.copy();
    const both = await Promise.all([browser.post("/auth/refresh"), thief.post("/auth/refresh")]);
    const rotated = { status: 200, presented: 0, generation: 1, heard: ["rotated"] };
    const again = { ...rotated, heard: ["grace"] };
    assert.deepEqual(
      both.map(told).sort((one, other) => (one.heard[0] < other.heard[0] ? 1 : -1)),
      [rotated, again],
    );
    const called = await browser.ask("/api/me");
    assert.deepEqual(told(called), { status: 200, presented: 1, generation: null, heard: [] });
    const refused = await client().post("/auth/login", { username: "ada", password: "guess" });
    assert.deepEqual(told(refused), { status: 401, presented: null, generation: null, heard: [] });
  });

  test("a session keeps the pace that it was begun at, as long as the page asks for it", async () => {
    const browser = client();
    const headers = { "demo-pace": "minutes" };
    const ask = (to, body = {}) => browser.ask(to, { method: "POST", headers, body: JSON.stringify(body) });
    const response = await ask("/auth/login", { username: "ada", password: "lovelace", pace: "minutes" });
    assert.ok((await response.json()).expires_in > 170);
    assert.equal(JSON.parse(decodeURIComponent(browser.jar.get("session"))).pace, "minutes");
    assert.ok((await (await ask("/auth/refresh")).json()).expires_in > 170);
    const { policy, started } = await (await browser.ask("/demo/pair", { headers })).json();
    assert.deepEqual([policy.access, started.access], ["3m", "2s"]);
    const odd = await client().ask("/auth/login", {
      method: "POST",
      headers: { "demo-pace": "__proto__" },
      body: JSON.stringify({ username: "ada", password: "lovelace", pace: "toString" }),
    });
    assert.equal((await odd.json()).expires_in, 2);
  });

  test("a wrong password, no session, something that is no JSON", async () => {
    for (const body of [{ username: "ada", password: "turing" }, { username: "ada" }, [], null, "ada"]) {
      assert.equal((await client().post("/auth/login", body)).status, 401, JSON.stringify(body));
    }
    assert.equal((await client().ask("/auth/login", { method: "POST", body: "{" })).status, 401);
    assert.equal((await client().ask("/api/me")).status, 401);
    assert.equal(
      (await client().ask("/api/me", { headers: { cookie: "__Host-Http-access=a.b.c; __Host-Http-refresh=a.b.c" } }))
        .status,
      401,
    );
    assert.equal((await client().ask("/api/me", { headers: { authorization: "Bearer a.b.c" } })).status, 401);
  });

  test("the echo answers method, headers and body as they arrived", async () => {
    const browser = await signedIn();
    const echo = async (init) => (await browser.ask("/api/echo?a=1", init)).json();
    const put = await echo({
      method: "PUT",
      body: "Grüße, 世界\n\u{feff}",
      headers: { "x-request-id": "7", cookie: "" },
    });
    assert.equal(put.method, "PUT");
    assert.equal(put.body, "Grüße, 世界\n\u{feff}");
    assert.equal(put.headers["x-request-id"], "7");
    assert.equal(put.headers["content-type"], "application/json");
    assert.match(put.headers.authorization, /^Bearer eyJ/);
    assert.equal(put.headers.cookie, undefined);
    assert.equal((await echo({ method: "DELETE" })).body, "");
    const bytes = Buffer.from([0xff, 0xfe, 0, 0x80, 0x0a]);
    const binary = await echo({ method: "POST", body: bytes });
    assert.equal(binary.bodyBase64, bytes.toString("base64"));
    assert.equal(binary.body, undefined);
    const large = "x".repeat(4 * 1024 * 1024);
    assert.equal((await echo({ method: "POST", body: large })).body, large);
    assert.equal((await browser.ask("/api/echo", { method: "POST", body: `${large}x` })).status, 413);
  });

  test("the page is there with its policy, and what it is not stays unknown", async () => {
    const page = await client().ask("/");
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
    assert.match(await page.text(), /<title>tandem-jwt/);
    assert.equal((await client().ask("/nothing")).status, 401);
    assert.equal((await (await signedIn()).ask("/nothing")).status, 404);
  });

  test("what only the demo has is closed to pages of other origins", async () => {
    const browser = await signedIn();
    const { access, refresh, loot } = await (await browser.ask("/demo/pair")).json();
    assert.equal(access.payload.sub, "ada");
    assert.equal(refresh.payload.gen, 0);
    assert.equal(loot, null);
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "http://localhost:1" },
    ]) {
      assert.equal((await browser.ask("/demo/pair", { headers })).status, 403, JSON.stringify(headers));
    }
    assert.equal(
      (await browser.post("/demo/thief/steal")).status,
      403,
      "a client that says nothing about itself changes nothing",
    );
    const broken = client(
      new Map([
        ["__Host-Http-access", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30x.x"],
        ["__Host-Http-refresh", "."],
      ]),
    );
    assert.equal((await broken.ask("/demo/pair")).status, 200);
  });
});

/** Every process below this one. */
function descendants(pid) {
  const parents = existsSync("/proc/self/stat") ? fromProc() : fromPs();
  const found = [pid];
  for (const above of found) found.push(...parents.filter(([, parent]) => parent === above).map(([child]) => child));
  return found.slice(1);
}

function fromProc() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name of the program, in brackets, may hold anything.
        const [, parent] = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1).split(" ");
        return [[Number(name), Number(parent)]];
      } catch {
        return []; // it has just ended
      }
    });
}

function fromPs() {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => line.trim().split(/\s+/).map(Number));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
