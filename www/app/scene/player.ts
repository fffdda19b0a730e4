/** The scene that the page opens with: played on the Worker, or from a recording if there is no Worker. */
import { element, find } from "../dom.js";
import { LifeFigure } from "../life/figure.js";
import { actOf, type Recording, type Run, replay } from "./recording.js";
import { ACTS, type Act, POLICY, play } from "./script.js";
import { wireTo } from "./wire.js";

/** Milliseconds between two frames: the picture is redrawn each time, and moves too slowly to need more. */
const FRAME = 50;
/** The length of the whole scene in seconds. */
const ALL = 26;
/** Set by `site.mjs` in copies of the page without a Worker. */
const isRecorded = document.documentElement.hasAttribute("data-recorded");

/** Plays automatically once it is in view; a still for visitors who prefer reduced motion. */
export function startScene(): void {
  const player = new Player();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (still) void player.showStill();
  else whenVisible(() => void player.play(ACTS));
}

/** One play at a time: starting one stops the previous one. */
class Player {
  readonly #figure = new LifeFigure("scene", ["tab-a", "tab-b", "thief"], (at, started) => {
    return `${Math.max(0, Math.round(at - started))} s`;
  });
  readonly #title = find("scene-act", HTMLElement);
  readonly #says = find("scene-says", HTMLElement);
  readonly #all = find("scene-all", HTMLButtonElement);
  readonly #buttons = new Map<string, HTMLButtonElement>();
  /** Fetched once, when first needed. */
  #recording: Promise<Recording> | null = null;
  /** Stops the current play; null between plays. */
  #stop: AbortController | null = null;

  constructor() {
    // The buttons are made from the acts, so that index.html cannot miss one.
    const group = find("scene-acts", HTMLElement);
    for (const act of ACTS) {
      const button = element("button", "", act.title) as HTMLButtonElement;
      button.type = "button";
      button.addEventListener("click", () => this.#pressed([act]));
      this.#buttons.set(act.id, button);
      group.append(button);
    }
    this.#all.addEventListener("click", () => {
      // The same button plays and stops.
      if (this.#stop === null) this.#pressed(ACTS);
      else this.#stop.abort();
    });
  }

  /** Screen readers announce a play that a visitor started, but not one that started by itself. */
  #pressed(acts: readonly Act[]): void {
    this.#says.ariaLive = "polite";
    void this.play(acts);
  }

  /** Plays acts, live or from the recording. Never rejects: errors are shown beside the picture. */
  async play(acts: readonly Act[]): Promise<void> {
    // The previous play rejects at its next pause and cleans up after itself.
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    this.#all.textContent = "Stop";
    this.#figure.begin(POLICY, { forget: true });
    this.#title.textContent = acts === ACTS ? "A session begins" : acts[0]!.title;
    this.#says.textContent = isRecorded ? "" : "Asking the Worker…";
    try {
      // A copy without a Worker replays reports that a Worker once gave.
      await (isRecorded ? this.#replay(acts, stop.signal) : this.#live(acts, stop.signal));
    } catch (error) {
      // A stopped play rejects too, and needs no message.
      if (!stop.signal.aborted) this.#says.textContent = `The scene cannot be played: ${messageOf(error)}`;
    }
    // Another play has started meanwhile, and owns the buttons now.
    if (this.#stop !== stop) return;
    this.#stop = null;
    this.#all.textContent = "Play it all";
    for (const button of this.#buttons.values()) button.removeAttribute("aria-current");
  }

  /** Asks the Worker. The picture uses the Worker's clock, whose lead over this clock is in each report. */
  async #live(acts: readonly Act[], signal: AbortSignal): Promise<void> {
    // Null until the first report: before it there is nothing to draw, and no clock to draw by.
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
          // An answer may arrive after the play was stopped, when the picture belongs to another play.
          if (signal.aborted) return;
          if (ahead === null) begun = entry.at;
          if (entry.report !== undefined) ahead = entry.report.at - clock();
          this.#tell(entry);
          // With reduced motion the picture changes only when something happens.
          if (moving === null) this.#draw(acts, begun, now());
        },
        open: (act) => this.#open(act, now()),
      });
    } finally {
      moving?.();
    }
    if (!signal.aborted) this.#draw(acts, begun, now());
  }

  /** Plays a recording at its own pace. */
  async #replay(acts: readonly Act[], signal: AbortSignal): Promise<void> {
    const run = await this.#runOf(acts);
    if (run === undefined) return;
    if (isStill()) return this.#showRun(acts, run);
    // Not `Date.now`: changing the system clock must not make the replay jump.
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

  /** Everything at once, for visitors who prefer reduced motion: nothing plays by itself. */
  async showStill(): Promise<void> {
    const run = await this.#runOf(ACTS).catch(() => undefined);
    this.#title.textContent = "One session, half a minute";
    if (run === undefined) {
      this.#says.textContent =
        "Nothing plays by itself here, because your system asks for reduced motion. Press a scene.";
      return;
    }
    this.#figure.begin(POLICY, { forget: true });
    this.#showRun(ACTS, run);
    this.#says.textContent = "A still of a run that was recorded from the real Worker. Press a scene to see it alone.";
  }

  /** A whole run at once. */
  #showRun(acts: readonly Act[], run: Run): void {
    for (const step of run.steps) {
      if ("act" in step) this.#figure.open(step.at, actOf(step.act).title);
      else this.#tell(step);
    }
    this.#draw(acts, run.begun, run.ended);
  }

  /** The recording of these acts: all of them, or the first one. */
  async #runOf(acts: readonly Act[]): Promise<Run | undefined> {
    this.#recording ??= fetch("recording.json").then((response) => response.json() as Promise<Recording>);
    return (await this.#recording)[acts === ACTS ? "all" : acts[0]!.id];
  }

  /** One event: added to the picture and the list, and shown as the current sentence. */
  #tell(entry: Parameters<LifeFigure["add"]>[0]): void {
    this.#says.textContent = this.#figure.add(entry);
  }

  /** An act begins: shown on the picture, above it, and on its button. */
  #open({ id, title }: Act, at: number): void {
    this.#figure.open(at, title);
    this.#title.textContent = title;
    for (const [each, button] of this.#buttons) {
      if (each === id) button.ariaCurrent = "step";
      else button.removeAttribute("aria-current");
    }
  }

  /** Draws the time line, with room for the whole play and a little more on both sides. */
  #draw(acts: readonly Act[], begun: number, now: number): void {
    const takes = acts === ACTS ? ALL : acts[0]!.takes;
    this.#figure.draw(begun - takes / 80, Math.max(begun + takes, now + takes / 25), now);
  }

  /** Draws until it is stopped; null if nothing should move. */
  #animate(
    signal: AbortSignal,
    acts: readonly Act[],
    times: () => { begun: number; now: number } | null,
  ): (() => void) | null {
    if (isStill()) return null;
    let drawn = 0;
    let frame = requestAnimationFrame(function next(at) {
      frame = requestAnimationFrame(next);
      // A stopped play keeps requesting frames until its `finally` cancels the last one.
      if (at - drawn < FRAME || signal.aborted) return;
      drawn = at;
      const time = times();
      if (time !== null) drawAt(time);
    });
    const drawAt = ({ begun, now }: { begun: number; now: number }): void => this.#draw(acts, begun, now);
    return () => cancelAnimationFrame(frame);
  }
}

/** Read each time: the system setting may change while the page is open. */
function isStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Waits, and rejects with the signal's reason when the play is stopped. */
function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      // The signal's reason settles the promise; the timer has nothing left to do.
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** A scene that played out of view has told nothing. */
function whenVisible(begin: () => void): void {
  if (document.visibilityState === "visible") begin();
  else document.addEventListener("visibilitychange", () => whenVisible(begin), { once: true });
}

/** `fetch` rejects with a TypeError if there is no answer; its message differs between browsers and does not help. */
function messageOf(error: unknown): string {
  return error instanceof TypeError ? "the Worker does not answer." : String((error as Error).message);
}
