/** The demo as `wrangler deploy` would take it, and with its sessions in D1. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

import { d1Schema } from "../../pkg/dist/stores/d1.js";
import { bundleWorker } from "../../www/build.mjs";
import { Browser } from "./harness.mjs";

const www = fileURLToPath(new URL("../../www", import.meta.url));
const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");

describe("the demo is deployed by wrangler", () => {
  for (const [config, bindings] of [
    ["wrangler.jsonc", [/SESSIONS \(TandemSessions\) +Durable Object/, /ORIGIN .* Worker/]],
    ["wrangler.d1.jsonc", [/DB .* D1 Database/, /ORIGIN .* Worker/]],
    ["wrangler.origin.jsonc", []],
  ]) {
    test(`${config}, up to the upload`, (t) => {
      const folder = mkdtempSync(join(tmpdir(), "tandem-deploy-"));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      const words = [wrangler, "deploy", "--dry-run", "-c", config, "--outdir", folder];
      const env = {
        ...process.env,
        CI: "true",
        WRANGLER_SEND_METRICS: "false",
        XDG_CONFIG_HOME: folder,
        NO_COLOR: "1",
      };
      const printed = execFileSync(process.execPath, words, { cwd: www, env, encoding: "utf8" });
      for (const binding of bindings) assert.match(printed, binding);
      const files = readdirSync(folder, { recursive: true });
      assert.ok(files.some((name) => name.endsWith(".js")));
      // Workers compile nothing: the wasm has to travel as a module of its own.
      if (config !== "wrangler.origin.jsonc")
        assert.ok(
          files.some((name) => name.endsWith(".wasm")),
          files.join(),
        );
    });
  }
});

test("the migration of the demo is what the store asks for", () => {
  const migration = readFileSync(join(www, "migrations/0001_sessions.sql"), "utf8");
  assert.equal(migration.trim(), d1Schema().trim());
});

test("the demo with D1 signs in, refreshes, signs out, and is swept", async (t) => {
  const [worker, origin] = await Promise.all(["worker.ts", "origin.ts"].map((name) => bundleWorker(join(www, name))));
  const compatibilityDate = "2026-04-01";
  const keys = { ACCESS_KEYS: "an access key for tests of 32 bytes or more" };
  const mf = new Miniflare({
    cf: false,
    workers: [
      {
        name: "demo",
        modules: worker,
        compatibilityDate,
        bindings: {
          ...keys,
          REFRESH_KEYS: "a refresh key for tests of 32 bytes or more",
          COOKIES: "host",
          ACCESS_TTL: "1s",
          REFRESH_IDLE: "3s",
          GRACE: "1s",
          RECOVERY: "2s",
        },
        d1Databases: { DB: "demo" },
        serviceBindings: { ORIGIN: "origin" },
      },
      { name: "origin", modules: origin, compatibilityDate, bindings: keys },
    ],
  });
  t.after(() => mf.dispose());
  const database = await mf.getD1Database("DB");
  const sql = readFileSync(join(www, "migrations/0001_sessions.sql"), "utf8");
  for (const statement of sql.split(";").filter((text) => text.trim() !== "")) await database.prepare(statement).run();

  const browser = new Browser(mf);
  const signedIn = await browser.post("/auth/login", { username: "ada", password: "lovelace" });
  assert.equal(signedIn.status, 200, await signedIn.text());
  const first = browser.jar.get("__Host-Http-refresh");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal((await browser.fetch("/api/me")).status, 200);
  assert.notEqual(browser.jar.get("__Host-Http-refresh"), first);
  assert.equal((await browser.post("/auth/logout")).status, 204);

  const count = async () => (await database.prepare("SELECT count(*) AS n FROM tandem_session").first()).n;
  assert.equal(await count(), 1);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const demo = await mf.getWorker("demo");
  await demo.scheduled({ cron: "17 3 * * *" });
  assert.equal(await count(), 0);
});
