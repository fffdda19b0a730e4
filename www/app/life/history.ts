/** The contents of the picture, built from entries one by one. Times are in seconds by the Worker's clock. */
import { type Policy, seconds } from "../../report.js";
import { type Entry, isOver, outcomeOf, type Who } from "./entry.js";

/** A refresh token, from its creation until it was replaced. */
export interface Link {
  readonly generation: number;
  readonly from: number;
  until: number | null;
  /** Replaced without ever having been used: anyone who presents it reveals a copy. */
  burned: boolean;
}

/** How long the parent of the current token is accepted, and with what effect. */
export interface Window {
  /** One for each series of hand-outs: a recovery begins another. */
  readonly graces: { readonly from: number; until: number }[];
  readonly recoveryUntil: number;
  until: number | null;
}

/** An access token in the lane of the tab that got it. */
export interface Bar {
  readonly who: Who;
  readonly from: number;
  readonly until: number;
  /** Which of the lane's two rows, so that tokens that overlap in time do not overlap in the picture. */
  readonly row: 0 | 1;
}

/** An action, at the height of its lane. */
export interface Mark {
  readonly at: number;
  readonly who: Who;
  readonly shape: "dot" | "ring" | "thief" | "cross";
  readonly tone: "access" | "refresh" | "call" | "thief";
  /** Whether the refresh token was used, which is shown by a line to the chain. */
  readonly reaches: boolean;
  /** Whether the answer was lost, so that the line back ends halfway. */
  readonly lost: boolean;
}

/**
 * Everything to draw, in the order in which it was reported. It follows the entries: if a report says nothing, nothing
 * is assumed.
 */
export class History {
  readonly links: Link[] = [];
  readonly windows: Window[] = [];
  /** When a rotation, a grace hit or a recovery handed out a refresh token. */
  readonly handOuts: number[] = [];
  readonly bars: Bar[] = [];
  readonly marks: Mark[] = [];
  /** The acts of a story that was played. */
  readonly acts: { readonly at: number; readonly title: string }[] = [];
  readonly sleeps: { readonly who: Who; readonly from: number; until: number | null }[] = [];
  readonly policy: Policy;
  /** The earliest known time: for a session that was found, when its access token was made. */
  started: number | null = null;
  /** The first end; later ones change nothing. */
  ended: { readonly at: number; readonly revoked: boolean } | null = null;

  constructor(policy: Policy) {
    this.policy = policy;
  }

  add(entry: Entry): void {
    const { at, who, what, report } = entry;
    this.started ??= entry.access?.iat ?? at;
    if (what === "sleep") this.sleeps.push({ who, from: at, until: null });
    // The laptop wakes with all its tabs.
    if (what === "wake") for (const sleep of this.sleeps) sleep.until ??= at;
    // A found session began before the page was open, so its chain begins with its current token.
    if (what === "found" && entry.generation !== undefined) this.#replace(entry.generation, this.started);
    // Before the bar and the mark, which depend on the chain.
    this.#chain(entry);
    // A token in a lost answer reached nobody, so no lane shows it.
    const access = entry.lost === true ? null : (report?.access ?? entry.access ?? null);
    if (access !== null) this.#bar(who, what === "found" ? access.iat : at, access.exp);
    this.#mark(entry);
    if (isOver(entry) && this.ended === null) {
      this.ended = { at, revoked: what !== "sign-out" };
      // Everything that was still open ends with the session.
      for (const link of this.links) link.until ??= at;
      for (const window of this.windows) window.until ??= at;
    }
    // The picture shows a window of time, so old entries can be removed.
    for (const list of [this.handOuts, this.bars, this.marks, this.links, this.windows])
      while (list.length > KEPT) list.shift();
  }

  #chain({ at, report }: Entry): void {
    const { generation = null } = report ?? {};
    const window = this.windows.at(-1);
    switch (outcomeOf(report)) {
      case "issued":
        if (generation !== null) this.#replace(generation, at);
        break;
      case "rotated":
        if (generation === null) return;
        this.#replace(generation, at);
        // The previous parent is no longer accepted, so its window closes.
        if (window !== undefined) window.until ??= at;
        this.handOuts.push(at);
        this.windows.push({ graces: [this.#grace(at)], recoveryUntil: this.#recoveryFrom(at), until: null });
        break;
      case "grace":
        this.handOuts.push(at);
        // It restarts with each hand-out.
        window?.graces.push({ ...this.#grace(at), from: window.graces.pop()?.from ?? at });
        break;
      case "recovered": {
        if (generation === null) return;
        // The successor that never arrived. Its generation is skipped, and using it would be reuse.
        const lost = this.links.at(-1);
        if (lost !== undefined) lost.burned = true;
        this.#replace(generation, at);
        this.handOuts.push(at);
        // The same parent recovers, so its window continues with another grace period.
        window?.graces.push(this.#grace(at));
        break;
      }
    }
  }

  /** A new current token: the previous one ends. */
  #replace(generation: number, at: number): void {
    const last = this.links.at(-1);
    if (last !== undefined) last.until ??= at;
    this.links.push({ generation, from: at, until: null, burned: false });
  }

  #bar(who: Who, from: number, until: number): void {
    // Alternating rows, because the previous token has some life left.
    const row = this.bars.filter((bar) => bar.who === who).at(-1)?.row === 0 ? 1 : 0;
    this.bars.push({ who, from, until, row });
  }

  #mark({ at, who, what, report, lost = false }: Entry): void {
    // These are drawn as spans or as a beginning, and involve no request.
    if (what === "sleep" || what === "wake" || what === "found" || what === "ran-out") return;
    const outcome = outcomeOf(report);
    const isRefused = report !== undefined && report.status >= 400;
    // A refused request gets the thief's colour whoever sent it: the picture does not know who holds a copy.
    const tone = who === "thief" || isRefused ? "thief" : what === "call" ? "call" : "refresh";
    const shape = who === "thief" ? "thief" : isRefused ? "cross" : outcome === "debounced" ? "ring" : "dot";
    this.marks.push({ at, who, shape, tone, reaches: outcome !== null && what !== "steal", lost });
  }

  // The Worker counts whole seconds, so a window lasts until the end of its last second.
  #grace(at: number): { from: number; until: number } {
    return { from: at, until: Math.floor(at) + seconds(this.policy.grace) + 1 };
  }

  /** Until when the parent recovers. */
  #recoveryFrom(at: number): number {
    const { recovery, idle } = this.policy;
    // Without recovery the parent is valid only during its grace period.
    if (seconds(recovery) === 0) return at;
    // If recovery is as long as the session may live, it ends with the session.
    return recovery === idle ? Infinity : Math.floor(at) + seconds(recovery) + 1;
  }
}

// The maximum number of entries per list. A fuller picture would be unreadable, and a page may stay open for days.
const KEPT = 200;
