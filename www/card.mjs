/** The picture of the time line, 1200 by 630, drawn by the page: for the README, and for link previews. */
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { launch } from "../tests/browser/chromium.mjs";
import { serveFolder } from "./static.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

/** A PNG. */
export async function drawCard(recording) {
  const folder = await mkdtemp(path.join(tmpdir(), "tandem-card-"));
  let server;
  let browser;
  try {
    await build({
      absWorkingDir: path.join(here, "card"),
      entryPoints: ["card.ts", "card.css"],
      outdir: folder,
      bundle: true,
      format: "esm",
      target: "es2022",
      loader: { ".woff2": "file" },
      assetNames: "[name]",
    });
    await copyFile(path.join(here, "card/card.html"), path.join(folder, "index.html"));
    await writeFile(path.join(folder, "recording.json"), JSON.stringify(recording));
    server = await serveFolder(folder);
    browser = await launch();
    const page = await browser.newPage({ viewport: { width: 1200, height: 630 } });
    await page.goto(server.url);
    await page.locator("html[data-drawn]").waitFor();
    return await page.screenshot();
  } finally {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
