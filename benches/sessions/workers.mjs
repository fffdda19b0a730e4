// D1, filled by SQL, and a Durable Object with many sessions of one user, in workerd on this machine.

import { fileURLToPath } from "node:url";

import { Miniflare } from "miniflare";

import { bundleWorker } from "../../www/build.mjs";

/** How many refreshes share a request, so that the request itself counts for little. */
const TOGETHER = 25;

export const d1 = (asked) => inWorker("d1", (at) => `real user ${at}`, asked);
export const durableObject = (asked) => inWorker("object", () => "one user", asked);

async function inWorker(kind, subOf, { sizes, refreshes }) {
  const mf = new Miniflare({
    cf: false,
    modules: await bundleWorker(fileURLToPath(new URL("worker.mjs", import.meta.url))),
    compatibilityDate: "2026-04-01",
    d1Databases: { DB: "sessions" },
    durableObjects: { SESSIONS: { className: "Sessions", useSQLite: true } },
  });
  async function ask(what, message = {}) {
    const body = JSON.stringify({ what, kind, ...message });
    const response = await mf.dispatchFetch("http://bench", { method: "POST", body });
    const { value, error } = await response.json();
    if (error !== undefined) throw new Error(error);
    return value;
  }
  try {
    await ask("migrate");
    return await growing({ ask, kind, subOf, sizes, refreshes });
  } finally {
    await mf.dispose();
  }
}

async function growing({ ask, kind, subOf, sizes, refreshes }) {
  const sub = subOf(0);
  let empty;
  const tokens = [];
  let filled = 0;
  const points = [];
  for (const size of sizes) {
    // All sessions of a Durable Object are real: there is no other way to them.
    const real = kind === "d1" ? Math.min(size, refreshes) : size;
    while (tokens.length < real) {
      const count = Math.min(TOGETHER, real - tokens.length);
      const subs = Array.from({ length: count }, (_, at) => subOf(tokens.length + at));
      tokens.push(...(await ask("issue", { subs })));
      empty ??= await ask("used", { sub });
    }
    if (size - real > filled) await ask("fill", { from: filled, to: size - real });
    filled = Math.max(filled, size - real);
    const bytes = ((await ask("used", { sub })) - empty) / size;
    points.push({ size, samples: await refreshed(ask, tokens, refreshes), bytes });
  }
  return points;
}

/** Microseconds of a refresh, a sample a request. */
async function refreshed(ask, tokens, refreshes) {
  const samples = [];
  const together = Math.min(TOGETHER, tokens.length);
  let from = 0;
  for (let done = -together; done < refreshes; done += together) {
    if (from + together > tokens.length) from = 0;
    const start = performance.now();
    const next = await ask("refresh", { tokens: tokens.slice(from, from + together) });
    const took = performance.now() - start;
    tokens.splice(from, together, ...next);
    from += together;
    // The first is to warm up.
    if (done >= 0) samples.push((took * 1000) / together);
  }
  return samples;
}
