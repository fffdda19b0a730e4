/** The visitor's own session: what the Worker says of it, and what the page therefore shows. */
import type { Policy } from "../../report.js";
import { clockTime, find } from "../dom.js";
import { type Entry, isOver } from "../life/entry.js";
import { LifeFigure } from "../life/figure.js";
import { companion, type Inside, numberOf, readInside } from "../worker.js";
import { Cards } from "./cards.js";
import { type Tabs, tabs } from "./tabs.js";

/**
 * Holds what the Worker last said, and keeps picture, cards and clocks in step with it. `changed` is called after each
 * new look, for the parts of the page that appear and go.
 */
export class Visitor {
  readonly #figure = new LifeFigure("session", ["this-tab", "other-tab", "thief"], clockTime);
  readonly #cards = new Cards();
  readonly #who = find("who", HTMLElement);
  readonly #live = find("live", HTMLElement);
  readonly #policy = find("policy", HTMLElement);
  readonly #drawn = find("session-figure", HTMLElement);
  readonly #tabs: Tabs;
  readonly #changed: () => void;
  /** Seconds that the Worker's clock is ahead of this one. */
  #ahead = 0;
  /** The last answer about the cookies; null until the Worker has answered once. */
  inside: Inside | null = null;
  /** Whether the session was seen to end. A look at the cookies could not tell: they may still be there. */
  isOver = false;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#tabs = tabs((entry) => void this.#take(entry));
  }

  get isSignedIn(): boolean {
    return this.inside?.refresh != null && !this.isOver;
  }

  /** The Worker's time, in seconds. */
  now(): number {
    return Date.now() / 1000 + this.#ahead;
  }

  /** Asks the Worker what is in the cookies, and shows it. */
  async look(): Promise<void> {
    await this.#ask();
    // Only until a picture has begun: later sessions begin with a sign-in that was told.
    if (this.#figure.history === null && this.inside?.refresh != null) this.#find(this.inside);
    this.render();
  }

  async #ask(): Promise<void> {
    const { body, ok } = await readInside();
    // The page keeps what it knew: one answer that failed says nothing about the session.
    if (body === null || !ok) return;
    this.inside = body;
    this.#ahead = body.now - Date.now() / 1000;
  }

  /** A new picture, by the rules that this session keeps. */
  #begin(policy: Policy): void {
    this.#drawn.hidden = false;
    this.#figure.begin(policy);
  }

  /** A session that was there before the page was. */
  #find({ now, policy, access, refresh }: Inside): void {
    this.#begin(policy);
    const [iat, exp] = [numberOf(access, "iat"), numberOf(access, "exp")];
    const generation = numberOf(refresh, "gen");
    if (generation === null) return;
    // The access token may have run out already; the refresh token alone is a session.
    const found = iat !== null && exp !== null ? { iat, exp } : null;
    this.#figure.add({ at: now, who: "this-tab", what: "found", generation, access: found });
  }

  /** Something happened here: into picture and words, and to the other tabs. */
  async happened(entry: Entry): Promise<void> {
    this.#tabs.tell(entry);
    await this.#take(entry);
  }

  /** Takes in what happened, here or in another tab. */
  async #take(entry: Entry): Promise<void> {
    if (entry.what === "sign-in") {
      this.isOver = false;
      // First, since the picture needs the rules, which come with the session.
      await this.#ask();
      if (this.inside !== null) this.#begin(this.inside.policy);
    }
    this.#figure.add(entry);
    // After a sign-out the form comes back at once; every other end is left on the page to be looked at.
    if (isOver(entry) && entry.what !== "sign-out") this.isOver = true;
    await this.look();
  }

  /** Everything that follows from the last look. */
  render(): void {
    const { inside } = this;
    if (inside === null) return;
    this.#live.classList.toggle("dead", this.isOver);
    this.#who.textContent = this.isOver
      ? "The session is over"
      : inside.refresh === null
        ? "Signed out"
        : `Signed in as ${companion()?.name ?? String(inside.refresh.payload.sub)}`;
    const { access, idle, grace, recovery } = inside.policy;
    this.#policy.textContent = `Rules of this session: access ${access}, idle ${idle}, grace ${grace}, recovery ${recovery}.`;
    this.#cards.show(inside);
    this.#changed();
    this.tick({ isNews: true });
  }

  /** The clocks go on by themselves, the picture too unless somebody asked for less motion. */
  tick({ isNews = false } = {}): void {
    const now = this.now();
    if (this.inside !== null) this.#cards.tick(this.inside, now, this.isOver);
    const until = numberOf(this.inside?.refresh ?? null, "exp");
    // A second late, so that the browser has surely dropped the cookie by then.
    if (until !== null && now > until + 1 && !this.isOver) this.#ranOut(now);
    // Asked at each tick, since the setting may change while the page is open.
    if (!isNews && matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const { history } = this.#figure;
    // Nothing has happened yet, so there is no time to draw.
    if (history === null || history.started === null) return;
    const { from, span } = windowOf(history.started, history.bars.at(-1), history.ended?.at ?? now);
    this.#figure.draw(from, from + span, now);
  }

  /** No request told this, since nobody asked: the time of the refresh token has passed. */
  #ranOut(now: number): void {
    this.isOver = true;
    this.#figure.add({ at: now, who: "this-tab", what: "ran-out" });
    void this.look();
  }
}

/** Room for a few access lives, or for what has happened so far; the present never stands beyond three quarters. */
function windowOf(
  started: number,
  last: { from: number; until: number } | undefined,
  now: number,
): { from: number; span: number } {
  const life = last === undefined ? 60 : last.until - last.from;
  const span = Math.min(3_600, Math.max(24, life * 3.2), Math.max(60, (now - started) * 1.6));
  return { from: Math.max(started - span * 0.02, now - span * 0.75), span };
}
