// The edge in workerd, as a client on this machine sees it. First against the origin alone; then, with each token
// verified as if it were new, against the same Worker with jose in place of our verify. Then verification alone, many
// times in one request, because a Worker's clock stands still while it computes. Each runs in its own workerd, and
// rounds alternate, so that ratios can be compared. On a busy machine, trust the processor time.

import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, request as send } from "node:http";
import { fileURLToPath } from "node:url";

import { bundleWorker } from "../www/build.mjs";
import { startWorkerd } from "./edge/workerd.mjs";
import { compared, table } from "./report/figures.mjs";
import { median } from "./rounds.mjs";

const ROUNDS = 9;
const REQUESTS = 600;
const AT_ONCE = 16;
const VERIFICATIONS = 1_000;
const SECRET = "a secret for the benchmark, of 32 bytes or more";
const here = (name) => fileURLToPath(new URL(`edge/${name}`, import.meta.url));

/** Replaces the function in our own module, so that everything around it stays the same. */
const withJose = {
  name: "jose",
  setup({ onLoad }) {
    onLoad({ filter: /session[/\\]verify\.js$/ }, ({ path }) => {
      const ours = readFileSync(path, "utf8");
      const renamed = ours.replace("export async function verifyAccess(", "async function ourVerify(");
      if (renamed === ours) throw new Error("there is no verify to replace");
      const jose = readFileSync(here("jose-verify.js"), "utf8");
      return { contents: `import { importJWK, jwtVerify } from "jose";\n${renamed}\n${jose}`, loader: "js" };
    });
  },
};

/** Every token is verified as if it were seen for the first time. */
const withoutMemory = {
  name: "no memory of tokens",
  setup({ onLoad }) {
    onLoad({ filter: /jwt[/\\]verified-tokens\.js$/ }, () => ({
      contents: "export class VerifiedTokens { get() {} add() {} }",
      loader: "js",
    }));
  },
};

export async function run() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pair = { PAIR: privateKey.export({ format: "pem", type: "pkcs8" }) };
  const jwk = JSON.stringify(publicKey.export({ format: "jwk" }));
  const [verifying, origin, ours, first, joses] = await Promise.all([
    bundleWorker(here("verifying.js")),
    bundleWorker(here("origin.js")),
    bundleWorker(here("worker.js")),
    bundleWorker(here("worker.js"), [withoutMemory]),
    bundleWorker(here("worker.js"), [withoutMemory, withJose]),
  ]);
  const parts = [];
  for (const [algorithm, keys, verifies] of [
    ["HS256", {}, SECRET],
    ["ES256", pair, jwk],
  ]) {
    const compared = await compare(origin, [
      ["nothing but the origin", ours, { BARE: true }],
      [`the edge, ${algorithm}`, ours, keys],
      [`the edge, sealed cookies, ${algorithm}`, ours, { ...keys, SEALS: true }],
      [`the edge, each token new, ${algorithm}`, first, keys],
      [`the same with jose, ${algorithm}`, joses, { ...keys, VERIFIES: verifies }],
    ]);
    parts.push(compared);
  }
  const alone = await verifications(verifying, [
    ["HS256", {}],
    ["ES256", { ...pair, VERIFIES: jwk }],
  ]);
  return {
    title: "The edge in workerd",
    text: `${ROUNDS} rounds of ${REQUESTS} requests with cookies, ${AT_ONCE} at once, on loopback. Processor time is that of workerd.

${parts.join("\n\n")}

Verification alone, in microseconds of processor time, ${ROUNDS} rounds of ${VERIFICATIONS} in one request:

${alone}
`,
  };
}

/** The processor time that each library needs to verify one token. */
async function verifications(modules, keys) {
  const rows = [];
  for (const [algorithm, bindings] of keys) {
    const { port, processorTime, stop } = await startWorkerd([{ modules, bindings: { SECRET, ...bindings } }]);
    const times = { ours: [], jose: [], webcrypto: [] };
    try {
      for (let round = 0; round < ROUNDS + 1; round += 1) {
        for (const [by, each] of Object.entries(times)) {
          const before = processorTime();
          const response = await fetch(`http://127.0.0.1:${port}/?by=${by}&times=${VERIFICATIONS}`);
          if (!response.ok) throw new Error(`${by} refused the token by ${algorithm}`);
          if (round > 0) each.push((processorTime() - before) / VERIFICATIONS);
        }
      }
    } finally {
      await stop();
    }
    const { ours, jose, webcrypto } = times;
    rows.push([algorithm, ...[ours, jose, webcrypto].map((each) => median(each).toFixed(1)), compared(jose, ours)]);
  }
  return table(["", "sessions.verify", "jose", "WebCrypto alone", "jose to ours"], rows);
}

async function compare(origin, workers) {
  const contenders = [];
  try {
    for (const [name, modules, bindings] of workers) {
      contenders.push(await start(name, modules, origin, { SECRET, ...bindings }));
    }
    // The first round is for the compiler.
    for (let round = 0; round < ROUNDS + 1; round += 1) {
      for (const contender of contenders) await contender.round(round > 0);
    }
    return shown(contenders);
  } finally {
    for (const { stop } of contenders) await stop();
  }
}

async function start(name, modules, origin, bindings) {
  const { port, processorTime, residentBytes, stop } = await startWorkerd([
    { name: "edge", modules, bindings, serviceBindings: { ORIGIN: "origin" } },
    { name: "origin", modules: origin },
  ]);
  const login = await asker(port, new Agent())(
    "POST",
    "/auth/login",
    { "content-type": "application/json" },
    '{"username":"ada"}',
  );
  const cookie = (login.headers["set-cookie"] ?? []).map((line) => line.split(";", 1)[0]).join("; ");
  const latencies = [];
  const rates = [];
  const times = [];
  return {
    name,
    latencies,
    rates,
    times,
    memory: residentBytes,
    async round(counts) {
      // Of this round alone: workerd closes what was idle while the others had their turn.
      const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
      const ask = asker(port, agent);
      let left = REQUESTS;
      const started = process.hrtime.bigint();
      const before = processorTime();
      const client = async () => {
        while (left > 0) {
          left -= 1;
          const asked = process.hrtime.bigint();
          const { status } = await ask("GET", "/api/orders", { cookie });
          if (status !== 200) throw new Error(`${name} answered ${status}`);
          if (counts) latencies.push(Number(process.hrtime.bigint() - asked) / 1e6);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, client));
      agent.destroy();
      if (!counts) return;
      rates.push((REQUESTS * 1e9) / Number(process.hrtime.bigint() - started));
      times.push((processorTime() - before) / REQUESTS);
    },
    stop,
  };
}

const asker = (port, agent) => (method, path, headers, body) =>
  new Promise((resolve, reject) => {
    const asked = send({ host: "127.0.0.1", port, method, path, headers, agent }, (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers }));
    });
    asked.on("error", reject);
    asked.end(body);
  });

function shown(contenders) {
  const middle = (values, part = 0.5) => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)];
  const [bare] = contenders;
  const lines = contenders.map(({ name, rates, latencies, times, memory }) => [
    name,
    middle(times).toFixed(0),
    middle(times.map((time, round) => bare.times[round] / time)).toFixed(2),
    middle(rates).toFixed(0),
    middle(latencies).toFixed(1),
    middle(latencies, 0.99).toFixed(1),
    (memory() / 1e6).toFixed(0),
  ]);
  return table(["", "processor, us", "the first to it", "requests/s", "p50 ms", "p99 ms", "memory MB"], lines);
}
