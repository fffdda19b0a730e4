/** The race in the visitor's own browser: this page's wasm against WebCrypto, and against JavaScript alone. */
import { everyKey } from "../bench/library.js";
import { element, find } from "../dom.js";
import type { Contender } from "./contender.js";
import { contenders, type Timed } from "./contenders.js";

const ALGORITHMS: readonly Timed[] = ["HS256", "ES256", "RS256", "EdDSA"];
/** Tries at full length. Three before them find out how many rounds fill one. */
const TRIES = 4;
/** Milliseconds that one try should take, so that the page can be used in between. */
const TRY = 25;

/** Brings the wasm for every key, and runs the race once. */
export async function startSpeed(): Promise<void> {
  await everyKey();
  const button = find("measure", HTMLButtonElement);
  const run = async (): Promise<void> => {
    // Two races at once would measure each other.
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      for (const algorithm of ALGORITHMS) await race(algorithm);
    } finally {
      button.ariaBusy = "false";
      // Set after a race that failed too: tests wait for it.
      find("speed", HTMLElement).dataset.ready = "";
    }
  };
  button.addEventListener("click", () => void run());
  await run();
}

/** Times each contender in turn, and draws the bars against the slowest. */
async function race(algorithm: Timed): Promise<void> {
  const row = find(`race-${algorithm}`, HTMLElement);
  row.dataset.state = "running";
  await breath();
  const racing = await contenders(algorithm);
  for (const verb of ["sign", "verify"] as const) {
    const times: { name: string; took: number }[] = [];
    for (const contender of racing) {
      // Some only verify.
      if (contender[verb] !== undefined) times.push({ name: contender.name, took: await best(contender, verb) });
    }
    const slowest = Math.max(...times.map(({ took }) => took));
    const cell = row.querySelector(`.${verb}`);
    cell?.replaceChildren(...times.map(({ name, took }, at) => bar(name, took, slowest, at === 0)));
    if (!racing.some(({ name }) => name === "WebCrypto")) cell?.append(element("small", "", "WebCrypto lacks it here"));
  }
  row.dataset.state = "done";
}

/** Microseconds for one, by the best of a few tries: what else the machine does at the time is not ours to measure. */
async function best(contender: Contender, verb: "sign" | "verify"): Promise<number> {
  let rounds = 4;
  let least = Infinity;
  for (let tried = 0; tried < TRIES + 3; tried += 1) {
    await breath();
    const begun = performance.now();
    await contender[verb]?.(rounds);
    // Browsers round their clocks, some to a millisecond, so that a short try may seem to take no time.
    const took = Math.max(performance.now() - begun, 0.1);
    least = Math.min(least, (took * 1_000) / rounds);
    // As many rounds as fill the next try. The upper bound keeps one that seemed to take no time from taking seconds.
    rounds = Math.min(2_000, Math.max(4, Math.round((rounds * TRY) / took)));
  }
  return least;
}

/** Lets the page draw and answer. */
function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A bar whose length is the time, so that the shortest is the fastest. */
function bar(name: string, microseconds: number, slowest: number, isOurs: boolean): HTMLElement {
  const line = element("div", `race-bar ${isOurs ? "access" : "call"}`);
  const fill = element("i", "fill");
  fill.ariaHidden = "true";
  fill.style.width = `${Math.max(1.5, (microseconds / slowest) * 100)}%`;
  line.append(element("span", "racer", name), fill, element("b", "", amount(microseconds)));
  return line;
}

/** With a unit that suits it. The space does not break, so that number and unit stay in one line. */
function amount(microseconds: number): string {
  if (microseconds >= 1_000) return `${(microseconds / 1_000).toFixed(1)}\u00a0ms`;
  return `${microseconds < 10 ? microseconds.toFixed(1) : Math.round(microseconds)}\u00a0µs`;
}
