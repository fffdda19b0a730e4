/** The race in the visitor's own browser: this page's wasm against WebCrypto, and against JavaScript alone. */
import { everyKey } from "../bench/library.js";
import { element, find } from "../dom.js";
import { type Contender, contenders, type Timed } from "./contenders.js";

const ALGORITHMS: readonly Timed[] = ["HS256", "ES256", "RS256", "EdDSA"];
const TRIES = 4;
/** Milliseconds that one try should take, so that the page can be used in between. */
const TRY = 25;

export async function startSpeed(): Promise<void> {
  await everyKey();
  const button = find("measure", HTMLButtonElement);
  const run = async (): Promise<void> => {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      for (const algorithm of ALGORITHMS) await race(algorithm);
    } finally {
      button.ariaBusy = "false";
      find("speed", HTMLElement).dataset.ready = "";
    }
  };
  button.addEventListener("click", () => void run());
  await run();
}

async function race(algorithm: Timed): Promise<void> {
  const row = find(`race-${algorithm}`, HTMLElement);
  row.dataset.state = "running";
  await breath();
  const racing = await contenders(algorithm);
  for (const verb of ["sign", "verify"] as const) {
    const times: { name: string; took: number }[] = [];
    for (const contender of racing) {
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
    const took = Math.max(performance.now() - begun, 0.1);
    least = Math.min(least, (took * 1_000) / rounds);
    rounds = Math.min(2_000, Math.max(4, Math.round((rounds * TRY) / took)));
  }
  return least;
}

/** Lets the page draw and answer. */
function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function bar(name: string, microseconds: number, slowest: number, isOurs: boolean): HTMLElement {
  const line = element("div", `race-bar ${isOurs ? "access" : "call"}`);
  const fill = element("i", "fill");
  fill.ariaHidden = "true";
  fill.style.width = `${Math.max(1.5, (microseconds / slowest) * 100)}%`;
  line.append(element("span", "racer", name), fill, element("b", "", amount(microseconds)));
  return line;
}

function amount(microseconds: number): string {
  if (microseconds >= 1_000) return `${(microseconds / 1_000).toFixed(1)}\u00a0ms`;
  return `${microseconds < 10 ? microseconds.toFixed(1) : Math.round(microseconds)}\u00a0µs`;
}
