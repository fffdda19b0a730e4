/**
 * The demo on this machine: both Workers and the page in a real workerd, with a SQLite Durable Object as the store.
 * Nothing is kept when it ends, and the keys are made anew at every start.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stop } from "esbuild";
import { buildPage } from "./build.mjs";
import { readFlags } from "./flags.mjs";
import { bundleWorkers, startWorkers } from "./workers.mjs";

async function main() {
  const { error, help, ...settings } = readFlags(process.argv.slice(2));
  if (help !== undefined) return console.log(help);
  const problem = error ?? (await portProblem(settings.port));
  if (problem !== null) {
    console.error(`error: ${problem}`);
    process.exit(2);
  }
  let stopping = false;
  let running = null;
  let built = null;
  // For the page and for all that miniflare and workerd write: they leave their part behind when they end.
  const folder = mkdtempSync(path.join(tmpdir(), "tandem-demo-"));
  process.env.TMPDIR = folder;
  process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const end = async (code) => {
    // Asked twice, somebody is in a hurry; miniflare takes workerd along when the process ends.
    if (stopping) process.exit(1);
    stopping = true;
    // What is under way would else write into the folder that is taken away here.
    await built?.catch(() => {});
    await running?.dispose().catch(() => {});
    process.exit(code);
  };
  const listen = () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
      process.removeAllListeners(signal).on(signal, () => void end(0));
  };
  listen();

  try {
    const page = path.join(folder, "page");
    built = Promise.all([bundleWorkers(), buildPage(page)]);
    const [workers] = await built;
    await stop();
    if (stopping) return;
    running = startWorkers(workers, settings, page);
    // miniflare's own listeners would end the process as if it had been killed, and leave the folder behind.
    listen();
    const url = await running.ready;
    if (!stopping) console.log(`ready: http://localhost:${url.port}`);
  } catch (error) {
    // Ctrl-C goes to esbuild and workerd too, whose end may be noticed before the signal is.
    await pause(100);
    if (stopping) return;
    console.error(error);
    await end(1);
  }
}

/** Asked first, because workerd's own answer to that is a stack trace. A browser may read "localhost" either way. */
async function portProblem(port) {
  for (const host of ["127.0.0.1", "::1"]) {
    const code = await new Promise((resolve) => {
      const probe = createServer();
      probe.once("error", (error) => resolve(error.code));
      probe.listen(port, host, () => probe.close(() => resolve(null)));
    });
    if (code === "EADDRINUSE") return `port ${port} is in use; choose another with --port, or 0 for any free one`;
    if (code === "EACCES") return `port ${port} needs more rights; choose another with --port, such as 8787`;
  }
  return null;
}

await main();
