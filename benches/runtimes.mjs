// The same calls in every runtime, with prepared keys, beside the best peer there.

import * as tandem from "./contenders/tandem.mjs";
import { hosts } from "./inside/hosts.mjs";
import { material } from "./keys.mjs";
import { versions } from "./report/document.mjs";
import { compared, figure, table } from "./report/figures.mjs";
import { median, ratio } from "./rounds.mjs";

const ALGORITHMS = ["HS256", "RS256", "PS256", "ES256", "ES384", "ES512", "ES256K", "EdDSA"];
const CALLS = [
  ["verify", "sync"],
  ["sign", "sync"],
  ["verify", "in sequence"],
  ["verify", "50 at once"],
  ["sign", "in sequence"],
  ["sign", "50 at once"],
];

export async function run(settings) {
  const algorithms = settings.quick ? ["RS256", "ES256"] : ALGORITHMS;
  const materials = algorithms.map((algorithm) => material(algorithm));
  const measured = {};
  for (const [name, ask] of Object.entries(hosts(settings))) {
    const began = performance.now();
    try {
      measured[name] = await ask({ materials, race: settings.raceElsewhere });
      console.error(`  ${name} measured in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    } catch (error) {
      if (settings.quick) throw error;
      // One runtime that is missing or refuses must not cost the others' rows.
      console.error(`  ${name}: ${error.stack}`);
    }
  }
  const names = Object.keys(measured);
  const tables = CALLS.map(([op, mode]) => {
    const lines = algorithms.map((algorithm) => [
      algorithm,
      ...names.map((name) =>
        cell(
          measured[name].filter((row) => row.algorithm === algorithm && row.op === op),
          mode,
        ),
      ),
    ]);
    return `${op}${mode === "sync" ? ", synchronously" : `Async, ${mode}`}\n\n${table(["", ...names], lines)}\n`;
  });
  return {
    title: "Runtimes",
    text: `Microseconds of tandem-jwt, and how many times as long the fastest peer in that runtime takes. Synchronous calls have a prepared
key; their peers are jsonwebtoken and fast-jwt where there is Node's cryptography, and in Chromium and workerd
${versions("@noble/curves")} and ten lines of BigInt for RSA. Awaited calls have a CryptoKey; their peers are jose, hono/jwt and
@tsndr/cloudflare-worker-jwt. The fastest peer is chosen afterwards, so if all are alike, the ratio is a little under 1.

${tables.join("\n")}`,
  };
}

/** Ours with a prepared key, and the fastest of the others in this runtime. */
function cell(rows, mode) {
  const form = mode === "sync" ? "prepared" : "CryptoKey";
  const inMode = rows.filter((row) => row.mode === mode);
  const ours = inMode.find(({ who, key }) => who === tandem.name && key === form);
  if (ours === undefined) return undefined;
  const others = inMode
    .filter(({ who }) => who !== tandem.name && who !== tandem.IN_WASM)
    .sort((one, other) => ratio(one.samples, ours.samples) - ratio(other.samples, ours.samples));
  const time = figure(median(ours.samples));
  if (others.length === 0) return time;
  const [{ who, samples }] = others;
  return `${time} · ${compared(samples, ours.samples)} ${who.split("/", 1)[0]}`;
}
