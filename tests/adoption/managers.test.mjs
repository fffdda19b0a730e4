// The steps of docs/from-jsonwebtoken.md, there and back, in a project that has jsonwebtoken and a middleware already.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { snippets } from "../docs/snippets.mjs";
import { startRegistry } from "./registry.mjs";

const PAGE = "docs/from-jsonwebtoken.md";
// By path: two of them have a command called yarn.
const bin = (file) => fileURLToPath(new URL(`../../node_modules/${file}`, import.meta.url));
const override = (manager) => snippets(PAGE, manager)[0].code;
const inManifest = (fence) => (folder) =>
  change(folder, (manifest) => Object.assign(manifest, JSON.parse(override(fence))));
/** What the page says to type: the way there, and the way back. */
const [THERE, BACK] = snippets(PAGE, "sh").map(({ code }) => code.split("\n"));

/** `late` is for an override that came after the install. */
const MANAGERS = {
  npm: {
    command: ["npm"],
    quiet: ["--no-audit", "--no-fund"],
    late: ["update"],
    override: inManifest("json npm"),
  },
  pnpm: {
    command: [process.execPath, bin("pnpm/bin/pnpm.cjs")],
    late: ["update"],
    override: (folder) => writeFileSync(join(folder, "pnpm-workspace.yaml"), override("yaml pnpm")),
  },
  "yarn 1": {
    command: [process.execPath, bin("yarn/bin/yarn.js")],
    quiet: ["--non-interactive"],
    late: ["install"],
    override: inManifest("json yarn"),
  },
  yarn: {
    command: [process.execPath, bin("@yarnpkg/cli-dist/bin/yarn.js")],
    late: ["install"],
    override: inManifest("json yarn"),
  },
  bun: {
    command: [bin(".bin/bun")],
    late: ["install"],
    override: inManifest("json bun"),
  },
};

let registry;
before(async () => {
  registry = await startRegistry();
});
after(() => registry.stop());

function change(folder, edit) {
  const file = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  edit(manifest);
  writeFileSync(file, JSON.stringify(manifest, null, 2));
}

/** Nothing of the user's own settings, and no cache that knows these packages from elsewhere. */
function environment(folder) {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    NPM_CONFIG_REGISTRY: registry.url,
    NPM_CONFIG_USERCONFIG: join(folder, "none"),
    NPM_CONFIG_CACHE: join(folder, "cache"),
    npm_config_store_dir: join(folder, "store"),
    BUN_INSTALL_CACHE_DIR: join(folder, "cache"),
    YARN_REGISTRY: registry.url,
    YARN_CACHE_FOLDER: join(folder, "cache"),
    YARN_NPM_REGISTRY_SERVER: registry.url,
    YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
    YARN_NODE_LINKER: "node-modules",
    YARN_ENABLE_TELEMETRY: "0",
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
  };
}

function resolved(folder) {
  const program = fileURLToPath(new URL("resolved.mjs", import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [program], { cwd: folder, encoding: "utf8" }));
}

test("the version in the snippets is the package's", () => {
  for (const block of ["json yarn", "yaml pnpm", "json bun"])
    assert.ok(override(block).includes(`tandem-jwt@^${registry.version}`), block);
});

for (const [name, { command, quiet = [], late, override: write }] of Object.entries(MANAGERS)) {
  test(`${name}: from jsonwebtoken and back`, async (t) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "tandem-jwt-manager-")));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const [program, ...first] = command;
    // Not synchronously: the registry answers from this very process.
    const run = async (words) => {
      try {
        const settings = { cwd: folder, env: environment(folder), timeout: 120_000 };
        const running = promisify(execFile)(program, [...first, ...words, ...quiet], settings);
        running.child.stdin.end();
        await running;
      } catch (error) {
        throw new Error(`${name} ${words.join(" ")}: ${error.stdout}${error.stderr}`);
      }
    };
    const said = (lines) =>
      lines
        .find((line) => line.split(" ", 1)[0] === name.split(" ", 1)[0])
        .split(" ")
        .slice(1);
    const withoutOverride = () => {
      change(folder, (manifest) => {
        delete manifest.overrides;
        delete manifest.resolutions;
      });
      rmSync(join(folder, "pnpm-workspace.yaml"), { force: true });
    };
    const original = { own: "jsonwebtoken", middleware: "jsonwebtoken", signed: "ori" };
    const adopted = { own: "tandem-jwt", middleware: "tandem-jwt", signed: "eyJ" };

    writeFileSync(join(folder, "package.json"), '{ "name": "app", "version": "1.0.0", "private": true }');
    // Else newer Yarns look for a project further up.
    writeFileSync(join(folder, "yarn.lock"), "");
    await run([...said(BACK), "some-middleware"]);
    assert.deepEqual(resolved(folder), original);

    write(folder);
    await run(said(THERE));
    assert.deepEqual(resolved(folder), adopted);

    withoutOverride();
    await run(said(BACK));
    assert.deepEqual(resolved(folder), original);

    // The install line alone is not enough, and an override that comes later is.
    await run(said(THERE));
    assert.deepEqual(resolved(folder), { ...original, own: "tandem-jwt" });
    write(folder);
    await run(late);
    assert.deepEqual(resolved(folder), adopted);
  });
}
