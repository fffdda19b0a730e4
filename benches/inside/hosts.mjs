// The runtimes, and how each is asked to measure.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { launch, skip } from "../../tests/browser/chromium.mjs";
import { bundleWorker } from "../../www/build.mjs";
import { versions } from "../report/document.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(import.meta.url);

/** Other versions of Node, from npm's package `node`. */
const NODES = { "Node 22": "22.23.3", "Node 24": "24.21.0" };

/** Each runtime by its name: a function of `{ materials, race }` that resolves with rows. */
export function hosts({ quick }) {
  const [bun, deno] = [binary("bun", "bin/bun.exe"), binary("deno", "deno")];
  const found = { [`Node ${process.versions.node}`]: program(process.execPath) };
  for (const [name, version] of Object.entries(NODES)) {
    // The quick run leaves the network alone.
    const file = quick ? ifKept(version) : brought(version);
    if (file === undefined) console.error(`  ${name} is not here`);
    else found[`Node ${version}`] = program(file);
  }
  found[versions("bun").replace("bun", "Bun")] = program(bun);
  found[versions("deno").replace("deno", "Deno")] = program(
    deno,
    "run",
    "--quiet",
    "--allow-all",
    "--node-modules-dir=manual",
  );
  if (skip) console.error(`  ${skip}`);
  else found.Chromium = chromium;
  found.workerd = (asked) => workerd(asked, []);
  found["workerd, nodejs_compat"] = (asked) => workerd(asked, ["nodejs_compat"]);
  return found;
}

const binary = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);
const folderOf = (version) => here(`../../target/tools/node-${version}`);

function ifKept(version) {
  const file = join(folderOf(version), "node_modules/node/bin/node");
  return existsSync(file) ? file : undefined;
}

/** Installs a Node beside this one unless it is there; undefined where npm cannot. */
function brought(version) {
  const folder = folderOf(version);
  if (ifKept(version) !== undefined) return ifKept(version);
  mkdirSync(folder, { recursive: true });
  const words = ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", `node@${version}`];
  try {
    execFileSync("npm", words, { stdio: ["ignore", "ignore", "inherit"], timeout: 300_000 });
  } catch (error) {
    console.error(`  ${error.message}`);
  }
  return ifKept(version);
}

/** This Node, and unless the run is quick the others, as `[name, program]`. */
export function nodes(settings) {
  const others = Object.entries(settings.quick ? {} : NODES).flatMap(([name, version]) => {
    const file = brought(version);
    return file === undefined ? [] : [[name, file]];
  });
  return [[`Node ${process.versions.node.split(".")[0]}`, process.execPath], ...others];
}

function program(file, ...words) {
  return async (asked) => {
    const folder = mkdtempSync(join(tmpdir(), "tandem-bench-"));
    const [question, answer] = [join(folder, "asked.json"), join(folder, "rows.json")];
    try {
      writeFileSync(question, JSON.stringify(asked));
      execFileSync(file, [...words, here("program.mjs"), question, answer], {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
        timeout: 1_200_000,
      });
      return JSON.parse(readFileSync(answer, "utf8"));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

async function chromium(asked) {
  const { outputFiles } = await build({
    entryPoints: [here("page.mjs")],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    logLevel: "error",
  });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    // WebCrypto is for secure contexts, which localhost is; nothing listens there.
    await page.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: "<title>bench</title>" }));
    await page.goto("http://localhost/");
    await page.addScriptTag({ content: outputFiles[0].text });
    return await page.evaluate((what) => globalThis.measureAll(what), asked);
  } finally {
    await browser.close();
  }
}

async function workerd(asked, compatibilityFlags) {
  const mf = new Miniflare({
    cf: false,
    modules: await bundleWorker(here("worker.mjs")),
    compatibilityDate: "2026-04-01",
    compatibilityFlags,
    serviceBindings: { CLOCK: () => new Response(String(performance.now())) },
  });
  try {
    const rows = [];
    // One request for each algorithm, so that none lasts for long.
    for (const material of asked.materials) {
      const body = JSON.stringify({ ...asked, materials: [material] });
      const response = await mf.dispatchFetch("http://localhost/", { method: "POST", body });
      if (!response.ok) throw new Error(await response.text());
      rows.push(...(await response.json()));
    }
    return rows;
  } finally {
    await mf.dispose();
  }
}
