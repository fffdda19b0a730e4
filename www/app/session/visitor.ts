/** The visitor's own session: what the Worker says about it, and what the page shows because of that. */
import type { Policy } from "../../report.js";
import { clockTime, find } from "../dom.js";
import { type Entry, isOver } from "../life/entry.js";
import { LifeFigure } from "../life/figure.js";
import { companion, type Inside, numberOf, readInside } from "../worker.js";
import { Cards } from "./cards.js";
import { type Tabs, tabs } from "./tabs.js";

/**
 * Holds the Worker's last answer, and keeps picture, cards and clocks in step with it. `changed` is called after each
 * update, for the parts of the page that appear and disappear.
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
  /** How many seconds the Worker's clock is ahead of this one. */
  #ahead = 0;
  /** The last answer about the cookies; null until the Worker has answered once. */
  inside: Inside | null = null;
  /** Whether the session was seen to end. The cookies do not tell: they may still be there. */
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

  /** Asks the Worker what the cookies hold, and shows it. */
  async look(): Promise<void> {
    await this.#ask();
    // Only before a picture has begun: later sessions begin with a sign-in that was reported.
    if (this.#figure.history === null && this.inside?.refresh != null) this.#find(this.inside);
    this.render();
  }

  async #ask(): Promise<void> {
    const { body, ok } = await readInside();
    // The page keeps its state: one failed answer says nothing about the session.
    if (body === null || !ok) return;
    this.inside = body;
    this.#ahead = body.now - Date.now() / 1000;
  }

  /** A new picture, with the policy of this session. */
  #begin(policy: Policy): void {
    this.#drawn.hidden = false;
    this.#figure.begin(policy);
  }

  /** A session that existed before the page was opened. */
  #find({ now, policy, access, refresh }: Inside): void {
    this.#begin(policy);
    const [iat, exp] = [numberOf(access, "iat"), numberOf(access, "exp")];
    const generation = numberOf(refresh, "gen");
    if (generation === null) return;
    // The access token may have expired already; the refresh token alone is a session.
    const found = iat !== null && exp !== null ? { iat, exp } : null;
    this.#figure.add({ at: now, who: "this-tab", what: "found", generation, access: found });
  }

  /** An event in this tab: added to picture and words, and sent to the other tabs. */
  async happened(entry: Entry): Promise<void> {
    this.#tabs.tell(entry);
    await this.#take(entry);
  }

  /** Handles an event of this tab or another one. */
  async #take(entry: Entry): Promise<void> {
    if (entry.what === "sign-in") {
      this.isOver = false;
      // First, because the picture needs the policy, which comes with the session.
      await this.#ask();
      if (this.inside !== null) this.#begin(this.inside.policy);
    }
    this.#figure.add(entry);
    // After a sign-out the form returns at once; after any other end the page stays so that the visitor can look at it.
    if (isOver(entry) && entry.what !== "sign-out") this.isOver = true;
    await this.look();
  }

  /** Updates everything that depends on the last answer. */
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

  /** Advances the clocks, and the picture too unless the visitor prefers reduced motion. */
  tick({ isNews = false } = {}): void {
    const now = this.now();
    if (this.inside !== null) this.#cards.tick(this.inside, now, this.isOver);
    const until = numberOf(this.inside?.refresh ?? null, "exp");
    // A second late, so that the browser has certainly dropped the cookie by then.
    if (until !== null && now > until + 1 && !this.isOver) this.#ranOut(now);
    // Read on each tick, because the setting may change while the page is open.
    if (!isNews && matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const { history } = this.#figure;
    // Nothing has happened yet, so there is no time to draw.
    if (history === null || history.started === null) return;
    const { from, span } = windowOf(history.started, history.bars.at(-1), history.ended?.at ?? now);
    this.#figure.draw(from, from + span, now);
  }

  /** No request reported this end: the refresh token has simply expired. */
  #ranOut(now: number): void {
    this.isOver = true;
    this.#figure.add({ at: now, who: "this-tab", what: "ran-out" });
    void this.look();
  }
}

/**
 * Room for a few access token lifetimes, or for everything so far; the present stays within the first three quarters.
 */
function windowOf(
  started: number,
  last: { from: number; until: number } | undefined,
  now: number,
): { from: number; span: number } {
  const life = last === undefined ? 60 : last.until - last.from;
  const span = Math.min(3_600, Math.max(24, life * 3.2), Math.max(60, (now - started) * 1.6));
  return { from: Math.max(started - span * 0.02, now - span * 0.75), span };
}
