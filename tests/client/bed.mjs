/**
 * Real tabs with the client in them, in front of the real Worker.
 *
 * A case can be run with one protection taken out of the client: `without` names what stands in the source and what
 * takes its place. A case that passes all the same would show nothing.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

import { browsers } from "../browser/browsers.mjs";
import { startNetwork } from "./network.mjs";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const source = path.join(root, "pkg/src/client");

/** The protections, each with the text that makes it and the text without it. */
export const PROTECTIONS = {
  "one tab at a time": ["tabs.ts", "if (locks === undefined) return work();", "return work();"],
  "a lock is waited for only so long": ["tabs.ts", "const LOCK_PATIENCE = 5_000;", "const LOCK_PATIENCE = 5_000_000;"],
  "other tabs are told": ["tabs.ts", "channel.postMessage(over)", "void over"],
  "network errors keep the session": ["refresher.ts", 'return { kind: "later", cause };', 'return { kind: "ended" };'],
  "server errors keep the session": [
    "browser-session.ts",
    "if (response.status === 401)",
    "if (response.status !== 200)",
  ],
  "the clock is looked at often": ["wakes.ts", "const TICK = 2_000;", "const TICK = 2_000_000;"],
  "every wake is a look": ["wakes.ts", " addEventListener(name, wake);", " void wake;"],
  "the server's clock counts": ["clock.ts", "ahead += drift;", ";"],
  "a clock that was set back is found out": ["clock.ts", "const ROUNDING = 1_000;", "const ROUNDING = Infinity;"],
  "a network that is back is worth a try at once": ["refresh-policy.ts", "(occasion && isUnreachable)", "false"],
  "few refreshes a minute": ["refresh-policy.ts", "const REFRESHES_A_MINUTE = 6;", "const REFRESHES_A_MINUTE = 1e6;"],
  "late answers of an ended session do not count": [
    "refresher.ts",
    "self.aborter.abort();\n      self.aborter = new AbortController();",
    "",
  ],
  "an ended session stays ended": ["browser-session.ts", "if (found === null || found.session !== over) ", ""],
  "what the browser lost is no sign-out": [
    "keeper.ts",
    "if (found === null && state.view !== null && state.view.session !== state.over) {",
    "if (false) {",
  ],
  "a sign-in that left no cookie is told": [
    "browser-session.ts",
    "if (readCompanion(name) === null) {",
    "if (false) {",
  ],
  "blocked storage is no accident": [
    "browser-session.ts",
    "} catch {\n    return null;",
    "} catch (error) {\n    throw error;",
  ],
  "a page knows at once": [
    "keeper.ts",
    "const found = backend.read(state.over);",
    "const found = Promise.resolve(backend.read(state.over));",
  ],
  "a refused channel is no accident": ["tabs.ts", "} catch {\n    //", "} catch (error) {\n    throw error; //"],
  "no session is judged by the device's clock": [
    "browser-session.ts",
    'typeof exp !== "number") return null;',
    'typeof exp !== "number" || exp * 1000 < Date.now() || iat * 1000 > Date.now() + 60_000) return null;',
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
  const child = spawn(
    process.execPath,
    [path.join(root, "www/serve.mjs"), "--port", "0", "--refresh-idle", "14d", ...flags],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
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

/** The page of a tab: what `before` says runs first, and whatever goes wrong in it is written down. */
function pageOf(script, before, options) {
  const start = `
    globalThis.changes = [];
    globalThis.retries = [];
    globalThis.session = globalThis.client.browserSession(${JSON.stringify(options)});
    globalThis.changes.push(globalThis.session.getSnapshot().status);
    globalThis.session.on("change", ({ status }) => globalThis.changes.push(status));
    globalThis.session.on("retry", ({ retryIn }) => globalThis.retries.push(retryIn));`;
  return documentOf([before, script, start]);
}

/** A document of these scripts, which writes down whatever goes wrong in it. */
export function documentOf(scripts) {
  const setUp = `
    globalThis.problems = [];
    globalThis.addEventListener("error", ({ message }) => globalThis.problems.push(message));
    globalThis.addEventListener("unhandledrejection", ({ reason }) => globalThis.problems.push(String(reason)));`;
  const parts = [setUp, ...scripts].map((part) => `<script>${part.replaceAll("</script", "<\\/script")}</script>`);
  return `<!doctype html><title>page</title><body>${parts.join("\n")}`;
}

/** A clock that is wrong by so many milliseconds, and a page that can change that. */
export const wrongBy = (milliseconds) => `
  const now = Date.now.bind(Date);
  globalThis.setWrong = (wrong) => {
    Date.now = () => now() + wrong;
  };
  globalThis.setWrong(${milliseconds});`;
export const HOUR = 3_600_000;

/**
 * A browser context whose tabs hold the client, on a way of its own to the Worker. `before` runs in each page first,
 * `options` are those of `browserSession`, `headers` those of the page, and `pages` are further ones.
 */
export async function startTabs(browser, server, { without, before = "", options = {}, headers, pages } = {}) {
  const html = pageOf(await bundleClient(without), before, options);
  const network = await startNetwork(server.url, { "/client-test": { html, headers }, ...pages });
  const context = await browser.newContext();
  const opened = [];
  const inPage = (page, work, given) => page.evaluate(work, given);
  return {
    context,
    network,
    refreshes: () => network.count("/auth/refresh"),
    async problems() {
      const found = opened.filter((page) => !page.isClosed());
      return (await Promise.all(found.map((page) => inPage(page, () => globalThis.problems ?? [])))).flat();
    },
    async tab(path = "/client-test") {
      const page = await context.newPage();
      opened.push(page);
      await page.goto(network.url + path);
      return {
        page,
        signIn: (username = "ada", password = "lovelace") =>
          inPage(page, (body) => globalThis.session.signIn(body), { username, password }),
        signOut: () => inPage(page, () => globalThis.session.signOut()),
        refresh: () => inPage(page, async () => void (await globalThis.session.refresh())),
        status: () => inPage(page, () => globalThis.session.getSnapshot().status),
        snapshot: () => inPage(page, () => globalThis.session.getSnapshot()),
        expiresAt: () => inPage(page, () => globalThis.session.getSnapshot().expiresAt),
        changes: () => inPage(page, () => globalThis.changes),
        retries: () => inPage(page, () => globalThis.retries),
        get: (path) => inPage(page, async (asked) => (await globalThis.session.fetch(asked)).status, path),
        /** As if somebody came back to the tab. */
        wake: () => inPage(page, () => void globalThis.dispatchEvent(new Event("focus"))),
      };
    },
    async close() {
      await context.close();
      await network.stop();
    },
  };
}

/**
 * Cases that run in every browser, each with a Worker and a browser for all of them: `define` gets `protectedBy`, which
 * runs a case with its protection, and again without, where it has to fail.
 */
export function inBrowsers(title, flags, define) {
  describe(title, { concurrency: true }, () => {
    for (const { name, skip, launch } of browsers) {
      describe(`${title}, in ${name}`, { skip, concurrency: 4 }, () => {
        const bed = { name };
        before(async () => {
          [bed.server, bed.browser] = await Promise.all([startServer(...flags), launch()]);
        });
        after(async () => {
          await bed.browser?.close();
          await bed.server?.stop();
        });
        define(casesOf(bed));
      });
    }
  });
}

function casesOf(bed) {
  const run = async (options, work) => {
    const tabs = await startTabs(bed.browser, bed.server, options);
    try {
      await work(tabs);
      assert.deepEqual(await tabs.problems(), []);
    } finally {
      await tabs.close();
    }
  };
  return {
    name: bed.name,
    test: (what, options, work) => test(what, () => run(options, work)),
    protectedBy(protection, what, options, work) {
      test(what, () => run(options, work));
      // By an assertion of the case: a bed that breaks would show nothing.
      test(`${what}: fails without "${protection}"`, () =>
        assert.rejects(run({ ...options, without: protection }, work), assert.AssertionError));
    },
  };
}
