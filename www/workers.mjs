/** Both Workers of the demo in a real workerd on this machine, with a SQLite Durable Object as the store. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { bundleWorker } from "./build.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

export async function bundleWorkers() {
  const [worker, origin] = await Promise.all(
    ["worker.ts", "origin.ts"].map((name) => bundleWorker(path.join(here, name))),
  );
  return { worker, origin };
}

/** `page` is the folder of static files; new keys are generated at every start, and nothing is kept. */
export function startWorkers({ worker, origin }, { port, cookies, spans }, page) {
  const compatibilityDate = "2026-04-01";
  const accessKey = randomBytes(32).toString("base64url");
  return new Miniflare({
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
  });
}
