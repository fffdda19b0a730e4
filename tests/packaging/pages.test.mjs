// Pages as Vite, webpack and Parcel build them, and one without any build, in Chromium.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { launch, skip } from "../browser/chromium.mjs";
import { program, project, require, tool } from "./matrix/project.mjs";
import { rsaKeys } from "./packed.mjs";
import { ticked } from "./table.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };
const rsa = rsaKeys();
const packed = project();
const { folder } = packed;
const ALL = { algorithms: ticked("Chromium"), both: 6, sessions: 6 };

const page = (script) => `<!doctype html>\n<meta charset="utf-8">\n<title>A page</title>\n${script}\n`;
writeFileSync(join(folder, "app.mjs"), program(rsa, "globalThis.answer = run()"));
writeFileSync(join(folder, "index.html"), page('<script type="module" src="./app.mjs"></script>'));

describe("pages in Chromium", { skip }, () => {
  let browser;
  let server;
  before(async () => {
    browser = await launch();
    server = createServer(({ url }, response) => {
      try {
        const { pathname } = new URL(url, "http://127.0.0.1");
        const body = readFileSync(join(folder, pathname));
        response.writeHead(200, { "content-type": TYPES[extname(pathname)] ?? "application/octet-stream" }).end(body);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    await browser.close();
    server.close();
    packed.remove();
  });

  async function answer(address, wanted = ALL) {
    const tab = await browser.newPage();
    const errors = [];
    tab.on("pageerror", (error) => errors.push(error.message));
    try {
      await tab.goto(address);
      await tab
        .waitForFunction(() => globalThis.answer !== undefined, undefined, { timeout: 30_000 })
        .catch(() => {
          throw new Error(`the page did not answer: ${errors.join("; ")}`);
        });
      assert.deepEqual(await tab.evaluate(() => globalThis.answer), wanted);
      assert.deepEqual(errors, []);
    } finally {
      await tab.close();
    }
  }
  const served = (path) => `http://127.0.0.1:${server.address().port}/${path}`;

  test("an import map, as the README has it", async () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const [, map] = readme.match(/```html\n(<script type="importmap">[^`]+<\/script>)\n```/);
    const unbundled = program(rsa, "globalThis.answer = run()").replace(/.*(middleware).*\n/g, "");
    writeFileSync(join(folder, "unbundled.mjs"), unbundled);
    writeFileSync(join(folder, "map.html"), page(`${map}\n<script type="module" src="/unbundled.mjs"></script>`));
    const { both, ...wanted } = ALL;
    await answer(served("map.html"), wanted);
  });

  test("Vite, built and while developing", async () => {
    const { build, createServer: develop } = await import(pathToFileURL(tool("vite", "dist/node/index.js")));
    const shared = { root: folder, configFile: false, logLevel: "error", cacheDir: join(folder, ".vite") };
    await build({ ...shared, base: "./", build: { outDir: "vite", chunkSizeWarningLimit: 5_000 } });
    await answer(served("vite/index.html"));
    const vite = await develop({ ...shared, server: { host: "127.0.0.1", port: 0, hmr: false, ws: false } });
    try {
      await vite.listen();
      await answer(`http://127.0.0.1:${vite.httpServer.address().port}/index.html`);
    } finally {
      await vite.close();
    }
  });

  test("webpack", async () => {
    const webpack = require("webpack");
    const compiler = webpack({
      mode: "production",
      context: folder,
      entry: "./app.mjs",
      output: { path: join(folder, "webpack") },
      performance: false,
    });
    const stats = await new Promise((resolve, reject) =>
      compiler.run((error, result) => (error ? reject(error) : resolve(result))),
    );
    await new Promise((resolve) => compiler.close(resolve));
    assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }), { errors: [], warnings: [] });
    writeFileSync(join(folder, "webpack", "index.html"), page('<script src="./main.js"></script>'));
    await answer(served("webpack/index.html"));
  });

  test("Parcel", async () => {
    mkdirSync(join(folder, "parcel"));
    const words = [
      "build",
      "index.html",
      "--dist-dir",
      "parcel",
      "--public-url",
      "./",
      "--no-cache",
      "--cache-dir",
      ".parcel",
      "--no-autoinstall",
    ];
    execFileSync(process.execPath, [tool("parcel", "lib/bin.js"), ...words, "--no-source-maps"], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    await answer(served("parcel/index.html"));
  });
});
