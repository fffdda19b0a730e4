// Every JavaScript snippet runs as it stands, and prints what the comments beside its console.log calls say.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Miniflare } from "miniflare";

import { bundleWorker } from "../../www/build.mjs";
import { snippets } from "./snippets.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
].filter((page) => page.endsWith(".md"));

/** What the comments promise: the text after `//` on a line that prints. */
const promised = (code) => code.split("\n").flatMap((line) => /console\.log\(.*\); \/\/ (.*)$/.exec(line)?.[1] ?? []);

for (const page of pages) {
  for (const { line, code } of snippets(page, "js")) {
    test(`${page}, line ${line}`, () => {
      const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
        cwd: fileURLToPath(new URL("..", import.meta.url)),
        encoding: "utf8",
      });
      for (const promise of promised(code))
        assert.ok(printed.includes(promise.replace(/, in seconds$/, "")), `${promise}\n${printed}`);
    });
  }

  test(`${page}: the links lead somewhere`, () => {
    const text = readFileSync(join(root, page), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      assert.ok(existsSync(join(root, dirname(page), target)), target);
  });
}

test("the snippet on top of the README runs with npm jsonwebtoken too", () => {
  const [{ code }] = snippets("README.md", "js");
  const run = (text) =>
    execFileSync(process.execPath, ["--input-type=module", "--eval", text], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      encoding: "utf8",
    });
  const shape = (text) => text.replace(/\d{10}/g, "N");
  assert.equal(shape(run(code)), shape(run(code.replace('"tandem-jwt"', '"jsonwebtoken"'))));
  assert.match(run(code), /^Token is valid: \{/);
});

test("the Worker of the README signs in, and forwards with a token", async () => {
  const worker = snippets("README.md", "ts").find(({ code }) => code.includes("edgeAuth<Env>(")).code;
  // Below the checkout, so that the package is found.
  mkdirSync(join(root, "target"), { recursive: true });
  const folder = mkdtempSync(join(root, "target/readme-worker-"));
  let mf;
  try {
    const entry = join(folder, "worker.ts");
    writeFileSync(
      entry,
      `const isRight = async (username: string, password: string) => password === "right";\n${worker}`,
    );
    mf = new Miniflare({
      cf: false,
      modules: await bundleWorker(entry),
      compatibilityDate: "2026-04-01",
      bindings: {
        ACCESS_KEY: "an access key for tests, of 32 bytes or more",
        REFRESH_KEY: "a refresh key for tests, of 32 bytes or more",
      },
      durableObjects: { SESSIONS: { className: "TandemSessions", useSQLite: true } },
      // The origins of the routes: nothing leaves this machine.
      outboundService: ({ url, headers }) => new Response(`${url} ${headers.get("authorization")?.slice(0, 10)}`),
    });
    const ask = (path, init) => mf.dispatchFetch(`https://app.example${path}`, init);
    const signIn = (password) =>
      ask("/auth/login", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username: "ada", password }),
      });
    assert.equal((await signIn("wrong")).status, 401);
    const cookie = (await signIn("right")).headers
      .getSetCookie()
      .map((line) => line.split(";", 1)[0])
      .join("; ");
    assert.match(cookie, /__Host-Http-access=.*__Host-Http-refresh=|__Host-Http-refresh=.*__Host-Http-access=/);
    assert.equal(
      await (await ask("/api/orders", { headers: { cookie } })).text(),
      "https://api.internal/api/orders Bearer eyJ",
    );
    assert.equal(await (await ask("/about")).text(), "https://app.internal/about undefined");
    assert.equal((await ask("/api/orders")).status, 401);
  } finally {
    await mf?.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
});
