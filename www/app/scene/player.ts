/** The scene that the page opens on: played on the Worker, or from a recording where none is. */
import { element, find } from "../dom.js";
import { LifeFigure } from "../life/figure.js";
import { actOf, type Recording, type Run, replay } from "./recording.js";
import { ACTS, type Act, POLICY, play } from "./script.js";
import { wireTo } from "./wire.js";

const FRAME = 50;
/** Seconds of the whole scene. */
const ALL = 26;
const isRecorded = document.documentElement.hasAttribute("data-recorded");

export function startScene(): void {
  const player = new Player();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (still) void player.showStill();
  else whenVisible(() => void player.play(ACTS));
}

class Player {
  readonly #figure = new LifeFigure("scene", ["tab-a", "tab-b", "thief"], (at, started) => {
    return `${Math.max(0, Math.round(at - started))} s`;
  });
  readonly #title = find("scene-act", HTMLElement);
  readonly #says = find("scene-says", HTMLElement);
  readonly #all = find("scene-all", HTMLButtonElement);
  readonly #buttons = new Map<string, HTMLButtonElement>();
  #recording: Promise<Recording> | null = null;
  #stop: AbortController | null = null;

  constructor() {
    const group = find("scene-acts", HTMLElement);
    for (const act of ACTS) {
      const button = element("button", "", act.title) as HTMLButtonElement;
      button.type = "button";
      button.addEventListener("click", () => this.#pressed([act]));
      this.#buttons.set(act.id, button);
      group.append(button);
    }
    this.#all.addEventListener("click", () => {
      if (this.#stop === null) this.#pressed(ACTS);
      else this.#stop.abort();
    });
  }

  /** What a visitor asked for is read out to those who listen; what plays by itself is not. */
  #pressed(acts: readonly Act[]): void {
    this.#says.ariaLive = "polite";
    void this.play(acts);
  }

  async play(acts: readonly Act[]): Promise<void> {
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    this.#all.textContent = "Stop";
    this.#figure.begin(POLICY, { forget: true });
    this.#title.textContent = acts === ACTS ? "A session begins" : acts[0]!.title;
    this.#says.textContent = isRecorded ? "" : "Asking the Worker…";
    try {
      await (isRecorded ? this.#replay(acts, stop.signal) : this.#live(acts, stop.signal));
    } catch (error) {
      if (!stop.signal.aborted) this.#says.textContent = `The scene cannot be played: ${messageOf(error)}`;
    }
    if (this.#stop !== stop) return;
    this.#stop = null;
    this.#all.textContent = "Play it all";
    for (const button of this.#buttons.values()) button.removeAttribute("aria-current");
  }

  async #live(acts: readonly Act[], signal: AbortSignal): Promise<void> {
    let ahead: number | null = null;
    let begun = 0;
    const clock = (): number => Date.now() / 1000;
    const now = (): number => clock() + (ahead ?? 0);
    const moving = this.#animate(signal, acts, () => (ahead === null ? null : { begun, now: now() }));
    try {
      await play(acts, {
        wire: wireTo(""),
        clock,
        pause: (seconds) => pause(seconds, signal),
        tell: (entry) => {
          if (signal.aborted) return;
          if (ahead === null) begun = entry.at;
          if (entry.report !== undefined) ahead = entry.report.at - clock();
          this.#tell(entry);
          if (moving === null) this.#draw(acts, begun, now());
        },
        open: (act) => this.#open(act, now()),
      });
    } finally {
      moving?.();
    }
    if (!signal.aborted) this.#draw(acts, begun, now());
  }

  async #replay(acts: readonly Act[], signal: AbortSignal): Promise<void> {
    const run = await this.#runOf(acts);
    if (run === undefined) return;
    if (isStill()) return this.#showRun(acts, run);
    const started = performance.now();
    const elapsed = (): number => (performance.now() - started) / 1000;
    const moving = this.#animate(signal, acts, () => ({ begun: run.begun, now: run.begun + elapsed() }));
    try {
      await replay(run, {
        pause: (seconds) => pause(seconds, signal),
        tell: (entry) => this.#tell(entry),
        open: (act, at) => this.#open(act, at),
        elapsed,
      });
    } finally {
      moving?.();
    }
  }

  /** All of it at once, for whoever asked for less motion: nothing plays by itself. */
  async showStill(): Promise<void> {
    const run = await this.#runOf(ACTS).catch(() => undefined);
    this.#title.textContent = "One session, half a minute";
    if (run === undefined) {
      this.#says.textContent = "Nothing plays by itself here, as your system asks. Press a scene.";
      return;
    }
    this.#figure.begin(POLICY, { forget: true });
    this.#showRun(ACTS, run);
    this.#says.textContent = "A still of a run that was recorded from the real Worker. Press a scene to see it alone.";
  }

  #showRun(acts: readonly Act[], run: Run): void {
    for (const step of run.steps) {
      if ("act" in step) this.#figure.open(step.at, actOf(step.act).title);
      else this.#tell(step);
    }
    this.#draw(acts, run.begun, run.ended);
  }

  async #runOf(acts: readonly Act[]): Promise<Run | undefined> {
    this.#recording ??= fetch("recording.json").then((response) => response.json() as Promise<Recording>);
    return (await this.#recording)[acts === ACTS ? "all" : acts[0]!.id];
  }

  #tell(entry: Parameters<LifeFigure["add"]>[0]): void {
    this.#says.textContent = this.#figure.add(entry);
  }

  /** An act begins: on the picture, above it, and at its button. */
  #open({ id, title }: Act, at: number): void {
    this.#figure.open(at, title);
    this.#title.textContent = title;
    for (const [each, button] of this.#buttons) {
      if (each === id) button.ariaCurrent = "step";
      else button.removeAttribute("aria-current");
    }
  }

  #draw(acts: readonly Act[], begun: number, now: number): void {
    const takes = acts === ACTS ? ALL : acts[0]!.takes;
    this.#figure.draw(begun - takes / 80, Math.max(begun + takes, now + takes / 25), now);
  }

  /** Draws until it is stopped; null where nothing should move. */
  #animate(
    signal: AbortSignal,
    acts: readonly Act[],
    times: () => { begun: number; now: number } | null,
  ): (() => void) | null {
    if (isStill()) return null;
    let drawn = 0;
    let frame = requestAnimationFrame(function next(at) {
      frame = requestAnimationFrame(next);
      if (at - drawn < FRAME || signal.aborted) return;
      drawn = at;
      const time = times();
      if (time !== null) drawAt(time);
    });
    const drawAt = ({ begun, now }: { begun: number; now: number }): void => this.#draw(acts, begun, now);
    return () => cancelAnimationFrame(frame);
  }
}

function isStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** A scene that played while nobody looked has told nothing. */
function whenVisible(begin: () => void): void {
  if (document.visibilityState === "visible") begin();
  else document.addEventListener("visibilitychange", () => whenVisible(begin), { once: true });
}

function messageOf(error: unknown): string {
  return error instanceof TypeError ? "the Worker does not answer." : String((error as Error).message);
}
