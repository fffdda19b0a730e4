/**
 * The demo on this machine: both Workers and the page in a real workerd, with a SQLite Durable Object as the store.
 * Nothing is kept when it ends, and the keys are made anew at every start.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { stop } from "esbuild";
import { Miniflare } from "miniflare";
import { buildPage, bundleWorker } from "./build.mjs";

const HELP = `usage: cargo xtask demo [flags]

  --port 8787            where to serve; 0 takes any free port
  --access-ttl 15m       life of an access token
  --refresh-idle 14d     a session unused for so long is over
  --grace 30s            a refresh token replayed within this time gets the same answer again
  --recovery 7d          for so long the parent of the current refresh token recovers the session; 0s: never
  --cookies host|dev     dev: no __Host- prefix and no Secure, for browsers that keep none on http://localhost (Safari)

Times are a number and a unit: 90s, 15m, 12h, 14d.`;

const here = path.dirname(fileURLToPath(import.meta.url));

async function main() {
  const settings = read(process.argv.slice(2));
  if (settings === null) return;
  if (!(await isFree(settings.port))) return refuse(`port ${settings.port} is in use; --port takes another, or 0 for any`);
  const page = await mkdtemp(path.join(tmpdir(), "tandem-demo-"));
  const built = Promise.all([
    bundleWorker(path.join(here, "worker.ts")),
    bundleWorker(path.join(here, "origin.ts")),
    buildPage(page),
  ]);
  let stopping = false;
  let running = null;
  const end = async (code) => {
    if (stopping) return;
    stopping = true;
    // What is under way would else write into the folder that is taken away here.
    await built.catch(() => {});
    await running?.dispose().catch(() => {});
    await rm(page, { recursive: true, force: true });
    process.exit(code);
  };
  const listen = () => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.removeAllListeners(signal).on(signal, () => void end(0));
  };
  listen();

  try {
    const [worker, origin] = await built;
    await stop();
    if (stopping) return;
    running = new Miniflare(options(settings, { worker, origin, page }));
    // miniflare's own listeners would end the process as if it had been killed, and leave the page's folder behind.
    listen();
    const url = await running.ready;
    console.log(`ready: http://localhost:${url.port}`);
  } catch (error) {
    if (stopping) return;
    console.error(error);
    await end(1);
  }
}

/** Asked first, because workerd's own answer to that is a stack trace. */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

function options({ port, cookies, spans }, { worker, origin, page }) {
  const compatibilityDate = "2026-04-01";
  const accessKey = randomBytes(32).toString("base64url");
  return {
    host: "127.0.0.1",
    port,
    cf: false,
    workers: [
      {
        name: "demo",
        modules: worker,
        compatibilityDate,
        durableObjects: { SESSIONS: { className: "TandemSessions", useSQLite: true } },
        serviceBindings: { ORIGIN: "origin" },
        assets: { directory: page, routerConfig: { has_user_worker: true } },
        bindings: {
          ACCESS_KEYS: accessKey,
          REFRESH_KEYS: randomBytes(32).toString("base64url"),
          COOKIES: cookies,
          ACCESS_TTL: spans["access-ttl"],
          REFRESH_IDLE: spans["refresh-idle"],
          GRACE: spans.grace,
          RECOVERY: spans.recovery,
        },
      },
      { name: "origin", modules: origin, compatibilityDate, bindings: { ACCESS_KEYS: accessKey } },
    ],
  };
}

/** The flags, or null once help was given. Ends the process over one that cannot be meant. */
function read(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      allowPositionals: false,
      options: {
        port: { type: "string", default: "8787" },
        "access-ttl": { type: "string", default: "15m" },
        "refresh-idle": { type: "string", default: "14d" },
        grace: { type: "string", default: "30s" },
        recovery: { type: "string" },
        cookies: { type: "string", default: "host" },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    return refuse(error.message);
  }
  if (values.help) {
    console.log(HELP);
    return null;
  }
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) return refuse(`--port ${values.port}: a number up to 65535`);
  if (values.cookies !== "host" && values.cookies !== "dev") return refuse(`--cookies ${values.cookies}: host or dev`);
  const spans = {};
  values.recovery ??= seconds(values["refresh-idle"]) < seconds("7d") ? values["refresh-idle"] : "7d";
  for (const name of ["access-ttl", "refresh-idle", "grace", "recovery"]) {
    if (!/^\d{1,9}(?:s|m|h|d)$/.test(values[name])) return refuse(`--${name} ${values[name]}: a number and a unit, such as 90s, 15m, 12h or 14d`);
    spans[name] = values[name];
  }
  if (seconds(spans["access-ttl"]) < 1) return refuse("--access-ttl: at least 1s");
  if (seconds(spans["refresh-idle"]) < seconds(spans.recovery)) return refuse("--recovery cannot be longer than --refresh-idle");
  if (seconds(spans.recovery) > 0 && seconds(spans.recovery) <= seconds(spans.grace)) return refuse("--recovery must be longer than --grace, or 0s");
  return { port: Number(values.port), cookies: values.cookies, spans };
}

function seconds(span) {
  return Number(span.slice(0, -1)) * { s: 1, m: 60, h: 3_600, d: 86_400 }[span.at(-1)];
}

function refuse(message) {
  console.error(`${message}\n\n${HELP}`);
  process.exit(2);
}

await main();
