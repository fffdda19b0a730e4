/**
 * Real tabs with the client in them, in front of the real Worker.
 *
 * A case can be run with one protection taken out of the client: `without` names what stands in the source and what
 * takes its place. A case that passes all the same would show nothing.
 */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const source = path.join(root, "pkg/src/client");

/** The protections, each with the text that makes it and the text without it. */
export const PROTECTIONS = {
  "one tab at a time": ["tabs.ts", "if (locks === undefined) return work();", "return work();"],
  "other tabs are told": ["tabs.ts", "channel.postMessage(change)", "void change"],
  "network errors keep the session": [
    "keeper.ts",
    'result = { kind: "later", cause };',
    'result = { kind: "ended" }; void cause;',
  ],
  "server errors keep the session": [
    "browser-session.ts",
    "if (response.status === 401)",
    "if (response.status !== 200)",
  ],
  "the clock is looked at often, and at every wake": ["keeper.ts", "const TICK = 2_000;", "const TICK = 2_000_000;"],
  "the server's clock counts": ["clock.ts", "this.#ahead += issuedAt - this.now();", ""],
  "a clock that was set back is found out": ["clock.ts", "const ROUNDING = 1_000;", "const ROUNDING = Infinity;"],
  "few refreshes a minute": ["keeper.ts", "const REFRESHES_A_MINUTE = 6;", "const REFRESHES_A_MINUTE = 1e6;"],
  "late answers of an ended session do not count": [
    "keeper.ts",
    "aborter.abort();\n    aborter = new AbortController();",
    "",
  ],
  "an ended session stays ended": ["keeper.ts", "isSame(found, ended) ? null : found", "found"],
  "blocked storage is no accident": [
    "browser-session.ts",
    "} catch {\n    return null;",
    "} catch (error) {\n    throw error;",
  ],
};

/** The client as one script for a page, perhaps without one of its protections. */
export function bundleClient(without) {
  const [file, ...change] = PROTECTIONS[without] ?? [];
  const contents = `import * as client from "./index.ts"; globalThis.client = client;`;
  return bundle(
    { stdin: { contents, resolveDir: source }, format: "iife" },
    file === undefined ? {} : { [file]: change },
  );
}

/** A file of the client as a module for Node, with changes: for each file, the text that stands there and another. */
export function bundleWithout(entry, changes) {
  return bundle({ entryPoints: [path.join(source, entry)], format: "esm", platform: "node" }, changes);
}

async function bundle(options, changes) {
  const result = await build({
    ...options,
    bundle: true,
    target: "es2022",
    write: false,
    logLevel: "silent",
    plugins: [
      {
        name: "changes",
        setup({ onLoad }) {
          onLoad({ filter: /[\\/]client[\\/][\w-]+\.ts$/ }, async (found) => {
            const change = changes[path.basename(found.path)];
            if (change === undefined) return undefined;
            const [present, absent] = change;
            const text = await readFile(found.path, "utf8");
            if (text.split(present).length !== 2) throw new Error(`${found.path} does not hold ${present} once`);
            return { contents: text.replace(present, absent), loader: "ts" };
          });
        },
      },
    ],
  });
  return result.outputFiles[0].text;
}

/** The demo's Worker with an access life of so many seconds. */
export async function startServer(...flags) {
  const child = spawn(process.execPath, [path.join(root, "www/serve.mjs"), "--port", "0", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/localhost:\d+/.exec(line)?.[0];
    if (url !== undefined) {
      child.stdout.resume();
      return { url, stop: () => ended(child) };
    }
  }
  throw new Error("the Worker did not start");
}

function ended(child) {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  return exited;
}

/**
 * A browser context whose tabs hold the client. `before` runs in each page first; `options` are those of
 * `browserSession`.
 */
export async function startTabs(browser, url, { without, before, options = {} } = {}) {
  const script = await bundleClient(without);
  const context = await browser.newContext();
  const html = `<!doctype html><script>${script.replaceAll("</script", "<\\/script")}</script>`;
  await context.route("**/client-test", (route) => route.fulfill({ contentType: "text/html", body: html }));
  if (before !== undefined) await context.addInitScript(before);
  const refreshes = [];
  const problems = [];
  context.on("request", (request) => {
    if (request.url().endsWith("/auth/refresh")) refreshes.push(Date.now());
  });
  return {
    context,
    refreshes,
    problems,
    async tab() {
      const page = await context.newPage();
      page.on("pageerror", (error) => problems.push(error.message));
      await page.goto(`${url}/client-test`);
      await page.evaluate((given) => {
        globalThis.changes = [];
        globalThis.retries = [];
        globalThis.session = globalThis.client.browserSession(given);
        globalThis.session.on("change", ({ status }) => globalThis.changes.push(status));
        globalThis.session.on("retry", ({ retryIn }) => globalThis.retries.push(retryIn));
      }, options);
      return {
        page,
        signIn: () => page.evaluate(() => globalThis.session.signIn({ username: "ada", password: "lovelace" })),
        signOut: () => page.evaluate(() => globalThis.session.signOut()),
        refresh: () => page.evaluate(() => globalThis.session.refresh()),
        status: () => page.evaluate(() => globalThis.session.getSnapshot().status),
        snapshot: () => page.evaluate(() => globalThis.session.getSnapshot()),
        changes: () => page.evaluate(() => globalThis.changes),
        retries: () => page.evaluate(() => globalThis.retries),
        get: (path) => page.evaluate(async (asked) => (await globalThis.session.fetch(asked)).status, path),
      };
    },
    close: () => context.close(),
  };
}
