/** The race in the visitor's own browser: this page's wasm against WebCrypto, and against JavaScript alone. */
import { everyKey } from "../bench/library.js";
import { element, find } from "../dom.js";
import type { Contender } from "./contender.js";
import { contenders, type Timed } from "./contenders.js";

const ALGORITHMS: readonly Timed[] = ["HS256", "ES256", "RS256", "EdDSA"];
/** Full-length tries. Three shorter ones before them find out how many rounds fill a try. */
const TRIES = 4;
/** How long one try should take in milliseconds, short enough that the page stays usable in between. */
const TRY = 25;

/** Loads the wasm for every key, and runs the race once. */
export async function startSpeed(): Promise<void> {
  await everyKey();
  const button = find("measure", HTMLButtonElement);
  const run = async (): Promise<void> => {
    // Two concurrent races would distort each other's times.
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      for (const algorithm of ALGORITHMS) await race(algorithm);
    } finally {
      button.ariaBusy = "false";
      // Set even after a failed race, because tests wait for it.
      find("speed", HTMLElement).dataset.ready = "";
    }
  };
  button.addEventListener("click", () => void run());
  await run();
}

/** Times each contender in turn, and draws the bars relative to the slowest. */
async function race(algorithm: Timed): Promise<void> {
  const row = find(`race-${algorithm}`, HTMLElement);
  row.dataset.state = "running";
  await breath();
  const racing = await contenders(algorithm);
  for (const verb of ["sign", "verify"] as const) {
    const times: { name: string; took: number }[] = [];
    for (const contender of racing) {
      // Some contenders only verify.
      if (contender[verb] !== undefined) times.push({ name: contender.name, took: await best(contender, verb) });
    }
    const slowest = Math.max(...times.map(({ took }) => took));
    const cell = row.querySelector(`.${verb}`);
    cell?.replaceChildren(...times.map(({ name, took }, at) => bar(name, took, slowest, at === 0)));
    if (!racing.some(({ name }) => name === "WebCrypto")) cell?.append(element("small", "", "WebCrypto lacks it here"));
  }
  row.dataset.state = "done";
}

/** Microseconds per operation, the best of a few tries, to exclude whatever else the machine does. */
async function best(contender: Contender, verb: "sign" | "verify"): Promise<number> {
  let rounds = 4;
  let least = Infinity;
  for (let tried = 0; tried < TRIES + 3; tried += 1) {
    await breath();
    const begun = performance.now();
    await contender[verb]?.(rounds);
    // Browsers round their clocks, some to a millisecond, so a short try may seem to take no time.
    const took = Math.max(performance.now() - begun, 0.1);
    least = Math.min(least, (took * 1_000) / rounds);
    // As many rounds as fill the next try. The upper bound keeps a try that seemed to take no time from taking seconds.
    rounds = Math.min(2_000, Math.max(4, Math.round((rounds * TRY) / took)));
  }
  return least;
}

/** Lets the page render and respond to input. */
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

/** A time with a suitable unit. The non-breaking space keeps number and unit on one line. */
function amount(microseconds: number): string {
  if (microseconds >= 1_000) return `${(microseconds / 1_000).toFixed(1)}\u00a0ms`;
  return `${microseconds < 10 ? microseconds.toFixed(1) : Math.round(microseconds)}\u00a0µs`;
}
