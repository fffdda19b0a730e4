/**
 * The demo on this machine: both Workers and the page in a real workerd, with a SQLite Durable Object as the store.
 * Nothing is kept when it ends, and new keys are generated at every start.
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
  // For the page and for everything that miniflare and workerd write: both leave files behind when they exit.
  const folder = mkdtempSync(path.join(tmpdir(), "tandem-demo-"));
  process.env.TMPDIR = folder;
  process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const end = async (code) => {
    // A second request means that the user is in a hurry; miniflare stops workerd when the process exits.
    if (stopping) process.exit(1);
    stopping = true;
    // Otherwise work in progress would write into the folder that is removed here.
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
    // Ctrl-C reaches esbuild and workerd too, and their exit may be noticed before the signal.
    await pause(100);
    if (stopping) return;
    console.error(error);
    await end(1);
  }
}

/** Checked first, because workerd reports it with a stack trace. A browser may resolve "localhost" either way. */
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
