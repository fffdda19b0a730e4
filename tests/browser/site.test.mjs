/** The static copy of the page, on a host that serves files and nothing else. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { drawCard } from "../../www/card.mjs";
import { buildSite } from "../../www/site.mjs";
import { serveFolder } from "../../www/static.mjs";
import { launch, skip } from "./chromium.mjs";
import { openBench, openPage } from "./demo-page.mjs";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const KILOBYTES = 1_000;

describe("the static site", { skip }, () => {
  let folder;
  let recording;
  let host;
  let browser;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "tandem-site-"));
    recording = await buildSite(folder, { url: "https://example.com/tandem/" });
    // Below another folder, as project pages are.
    host = await serveFolder(folder, { base: "/tandem/" });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await host?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const reported = ({ steps }) =>
    steps
      .filter(({ report }) => report !== undefined)
      .map(({ who, report: { presented, generation, status, heard } }) => ({
        who,
        presented,
        generation,
        status,
        heard: heard.map(({ type }) => type),
      }));

  test("its recording is of the real Worker, and the one that is kept tells the same", async () => {
    assert.deepEqual(Object.keys(recording), ["all", "refresh", "tabs", "lost", "sleep", "thief"]);
    const kept = JSON.parse(await readFile(path.join(root, "www/recording.json"), "utf8"));
    for (const name of Object.keys(recording)) {
      // Which of two tabs was first is chance.
      const told = (run) => reported(run).map(({ who, ...what }) => (who === "thief" ? { who, ...what } : what));
      assert.deepEqual(told(recording[name]), told(kept[name]), name);
    }
    const outcomes = reported(recording.all).flatMap(({ heard }) => heard);
    for (const outcome of ["issued", "rotated", "grace", "recovered", "reuse"]) assert.ok(outcomes.includes(outcome));
  });

  test("plays its scene by itself, and a single one, and asks no Worker", async () => {
    const { page, context, problems } = await openPage(browser, "about:blank");
    const asked = [];
    page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
    page.on("response", (response) => assert.ok(response.ok(), `${response.status()} ${response.url()}`));
    await page.goto(host.url);
    await page.locator("#scene-banner", { hasText: "Caught" }).waitFor({ timeout: 40_000 });
    await page.getByRole("button", { name: "Play it all" }).waitFor();
    assert.equal(
      await page.locator("#scene-log li").count(),
      recording.all.steps.filter(({ act }) => act === undefined).length,
    );
    await page.getByRole("button", { name: "Two tabs at once" }).click();
    await page.locator("#scene-log").getByText("the same token 1 once more").waitFor();
    assert.ok(await page.getByText("Your own hands").isVisible());
    assert.ok(await page.locator("#session").isHidden(), "nobody can sign in where there is no Worker");
    for (const line of asked) assert.ok(line.startsWith(`GET ${host.url}`), line);
    assert.deepEqual(await page.evaluate(() => globalThis.jumps), [], "nothing jumps while one reads");
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("its bench works, also where the host does not know what a wasm is", async () => {
    const plain = await serveFolder(folder, {
      types: { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" },
    });
    for (const url of [host.url, plain.url]) {
      const { page, context, problems } = await openPage(browser, url);
      await openBench(page);
      await page.getByRole("radio", { name: "ES256", exact: true }).check();
      await page.locator("#decoded-header").getByText("ES256").waitFor();
      await page.locator("#verdict.good").waitFor();
      assert.deepEqual(problems, []);
      await context.close();
    }
    await plain.close();
  });

  test("whoever wants less motion sees each scene as a still", async () => {
    const { page, context } = await openPage(browser, host.url, { reducedMotion: "reduce" });
    await page.locator("#scene-banner", { hasText: "Caught" }).waitFor();
    await page.getByRole("button", { name: "A sleeping laptop" }).click();
    await page.locator("#scene-log").getByText("it recovers").waitFor({ timeout: 2_000 });
    await context.close();
  });

  test("no link leads nowhere, on the page and in the documents", async () => {
    const { page, context } = await openPage(browser, "about:blank", { reducedMotion: "reduce" });
    const waiting = [host.url];
    const seen = new Map();
    const anchors = [];
    while (waiting.length > 0) {
      const url = waiting.pop();
      const response = await page.goto(url);
      assert.equal(response.status(), 200, url);
      const found = await page.evaluate(() => ({
        ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
        links: [...document.querySelectorAll("a")].map(({ href }) => href),
        images: [...document.images].map(({ src, naturalWidth }) => ({ src, naturalWidth })),
      }));
      seen.set(url, new Set(found.ids));
      for (const { src, naturalWidth } of found.images) assert.ok(naturalWidth > 0, `${src} on ${url}`);
      for (const link of found.links) {
        const [file, hash] = link.split("#");
        if (!file.startsWith(host.url)) {
          assert.match(link, /^https:\/\//, `${link} on ${url}`);
          continue;
        }
        if (hash) anchors.push([url, file, hash]);
        if (!seen.has(file) && !waiting.includes(file)) waiting.push(file);
      }
    }
    assert.ok(seen.size > 12, "the documents are there");
    for (const [from, to, hash] of anchors)
      assert.ok(seen.get(to).has(decodeURIComponent(hash)), `${to}#${hash} on ${from}`);
    await context.close();
  });

  test("its card: tags with the address that was given, and none where none was; a picture of the right size", async () => {
    const html = await readFile(path.join(folder, "index.html"), "utf8");
    for (const tag of [
      '<meta property="og:image" content="https://example.com/tandem/card.png" />',
      '<meta property="og:url" content="https://example.com/tandem/" />',
      '<meta name="twitter:card" content="summary_large_image" />',
    ])
      assert.ok(html.includes(tag), tag);
    for (const file of [path.join(folder, "card.png"), path.join(root, "docs/time-line.png")]) {
      const png = await readFile(file);
      assert.equal(png.subarray(1, 4).toString(), "PNG");
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1_200, 630]);
      assert.ok(png.length < 100 * KILOBYTES, `${file}: ${png.length} bytes`);
    }
    const source = await readFile(path.join(root, "www/index.html"), "utf8");
    assert.doesNotMatch(source, /og:|https?:/, "the page itself invents no address");
  });

  test("the picture in the README is what the page draws today", async () => {
    const kept = await readFile(path.join(root, "docs/time-line.png"));
    const drawn = await drawCard(JSON.parse(await readFile(path.join(root, "www/recording.json"), "utf8")));
    const { page, context } = await openPage(browser, "about:blank");
    const differs = await page.evaluate(
      async (pictures) => {
        const [one, other] = await Promise.all(
          pictures.map(async (base64) => {
            const image = new Image();
            image.src = `data:image/png;base64,${base64}`;
            await image.decode();
            const canvas = new OffscreenCanvas(1_200, 630);
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            return context.getImageData(0, 0, 1_200, 630).data;
          }),
        );
        let pixels = 0;
        for (let at = 0; at < one.length; at += 4)
          if (
            Math.abs(one[at] - other[at]) +
              Math.abs(one[at + 1] - other[at + 1]) +
              Math.abs(one[at + 2] - other[at + 2]) >
            60
          )
            pixels += 1;
        return pixels / (one.length / 4);
      },
      [kept, drawn].map((png) => png.toString("base64")),
    );
    // Another Chromium may draw the edges of letters otherwise.
    assert.ok(
      differs < 0.004,
      `${(differs * 100).toFixed(2)} % of the picture; cargo xtask site --renew draws it anew`,
    );
    await context.close();
  });

  test("the page is small: what comes at once, and all of it but the wasm", async () => {
    const files = (await readdir(folder)).filter(
      (name) => !/^(core\.wasm|keys\.wasm|card\.png|docs|docs\.css|_headers)$/.test(name),
    );
    const late = /^(bench|by-hand|every-key|speed|chunk)-/;
    let atOnce = 0;
    let packed = 0;
    for (const name of files) {
      const { size } = await stat(path.join(folder, name));
      if (!late.test(name)) atOnce += size;
      packed += /woff2$/.test(name) ? size : gzipSync(await readFile(path.join(folder, name))).length;
    }
    assert.ok(atOnce < 120 * KILOBYTES, `${atOnce} bytes before anybody scrolls`);
    assert.ok(packed < 120 * KILOBYTES, `${packed} bytes over the wire`);
    assert.ok(files.length > 8);
  });

  test("its content policy needs no exception but the wasm's", async () => {
    const html = await readFile(path.join(folder, "index.html"), "utf8");
    const headers = await readFile(path.join(folder, "_headers"), "utf8");
    const [, inPage] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html);
    const [, inHeader] = /Content-Security-Policy: (.+)/.exec(headers);
    for (const policy of [inPage, inHeader]) {
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
      assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:|\*/);
    }
    assert.doesNotMatch(html, / style=| on\w+=|<style/, "nothing inline");
  });
});
