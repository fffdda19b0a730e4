/**
 * The page as a folder for any static host. Its scene is a recording, made now by the real Worker; its link preview is
 * drawn by a real browser.
 */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, stop } from "esbuild";
import { buildPage } from "./build.mjs";
import { drawCard } from "./card.mjs";
import { readFlags } from "./flags.mjs";
import { bundleWorkers, startWorkers } from "./workers.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "..");
const DESCRIPTION = "A session rotates, survives two tabs, a lost answer and a sleeping laptop, and catches a thief.";
const HELP = `usage: cargo xtask site [flags]

  --out target/site      the folder to write
  --url https://…        where it will be served, for the addresses in its link preview; without it they are relative,
                         which not every site accepts
  --renew                keep this run: www/recording.json and docs/time-line.png are rewritten`;

/** Builds the site into a folder. `url` is its public address, with a slash at the end. */
export async function buildSite(outdir, { url = "" } = {}) {
  const recording = await recordScene();
  await buildPage(outdir, (html) => asStatic(html, url));
  await writeFile(path.join(outdir, "recording.json"), JSON.stringify(recording));
  await writeFile(path.join(outdir, "card.png"), await drawCard(recording));
  return recording;
}

/** Plays the scene against the real Worker, as the page does, and records the reports. */
export async function recordScene() {
  const folder = await mkdtemp(path.join(tmpdir(), "tandem-recording-"));
  const { spans } = readFlags([]);
  const running = startWorkers(await bundleWorkers(), { port: 0, cookies: "host", spans }, folder);
  try {
    const { record, wireTo } = await bundled("app/scene/recorder.ts", folder);
    const { port } = await running.ready;
    const url = `http://localhost:${port}`;
    return await record(wireTo(url, { origin: url }));
  } finally {
    await running.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundled(entry, folder) {
  const outfile = path.join(folder, "recorder.mjs");
  await build({ absWorkingDir: here, entryPoints: [entry], outfile, bundle: true, format: "esm", platform: "neutral" });
  return import(outfile);
}

function asStatic(html, url) {
  const tags = [
    `<meta property="og:type" content="website" />`,
    `<meta property="og:title" content="tandem-jwt: two tokens, one ride" />`,
    `<meta property="og:description" content="${DESCRIPTION}" />`,
    ...(url === "" ? [] : [`<meta property="og:url" content="${url}" />`]),
    `<meta property="og:image" content="${url}card.png" />`,
    `<meta property="og:image:width" content="1200" />`,
    `<meta property="og:image:height" content="630" />`,
    `<meta property="og:image:alt" content="A time line of one session: eight refresh tokens, two tabs, a sleep, and a thief who is caught" />`,
    `<meta name="twitter:card" content="summary_large_image" />`,
    `<meta name="twitter:image" content="${url}card.png" />`,
  ];
  return html
    .replace('<html lang="en">', '<html lang="en" data-recorded>')
    .replace("  </head>", `${tags.map((tag) => `    ${tag}\n`).join("")}  </head>`);
}

async function main() {
  const options = {
    out: { type: "string", default: "target/site" },
    url: { type: "string", default: "" },
    renew: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  };
  let flags;
  try {
    flags = parseArgs({ options }).values;
    if (flags.url !== "" && !(URL.canParse(flags.url) && /^https?:$/.test(new URL(flags.url).protocol)))
      throw new Error("--url must be an http or https URL");
  } catch (error) {
    console.error(`error: ${error.message}\n\n${HELP}`);
    process.exit(2);
  }
  if (flags.help) return console.log(HELP);
  const url = flags.url === "" ? "" : new URL(flags.url).href.replace(/\/?$/, "/");
  const outdir = path.resolve(root, flags.out);
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const recording = await buildSite(outdir, { url });
  if (flags.renew) {
    await writeFile(path.join(here, "recording.json"), `${JSON.stringify(recording)}\n`);
    await copyFile(path.join(outdir, "card.png"), path.join(root, "docs/time-line.png"));
  }
  await stop();
  console.log(`written: ${path.relative(process.cwd(), outdir)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
