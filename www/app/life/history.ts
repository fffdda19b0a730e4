/** The contents of the picture, made of entries one after the other. Times are seconds by the Worker's clock. */
import { type Policy, seconds } from "../../report.js";
import { type Entry, isOver, outcomeOf, type Who } from "./entry.js";

/** A refresh token, from the moment it was made until it was replaced. */
export interface Link {
  readonly generation: number;
  readonly from: number;
  until: number | null;
  /** It was replaced without ever having been used: whoever holds it gives himself away. */
  burned: boolean;
}

/** How long the parent of the current token is accepted, and with what effect. */
export interface Window {
  /** One for each run of hand-outs: a recovery begins another. */
  readonly graces: { readonly from: number; until: number }[];
  readonly recoveryUntil: number;
  until: number | null;
}

/** An access token in the lane of the tab that got it. */
export interface Bar {
  readonly who: Who;
  readonly from: number;
  readonly until: number;
  /** Which of the two rows of the lane, so that tokens that overlap in time do not overlap in the picture. */
  readonly row: 0 | 1;
}

/** Something that was done, at the height of its lane. */
export interface Mark {
  readonly at: number;
  readonly who: Who;
  readonly shape: "dot" | "ring" | "thief" | "cross";
  readonly tone: "access" | "refresh" | "call" | "thief";
  /** Whether the refresh token was used, which a line to the chain shows. */
  readonly reaches: boolean;
  /** Whether the answer was lost, so that the line back ends half of the way. */
  readonly lost: boolean;
}

/**
 * Everything that there is to draw, in the order in which it was told. It follows what entries say: where a report says
 * nothing, nothing is assumed.
 */
export class History {
  readonly links: Link[] = [];
  readonly windows: Window[] = [];
  /** When a rotation, a grace or a recovery handed out a refresh token. */
  readonly handOuts: number[] = [];
  readonly bars: Bar[] = [];
  readonly marks: Mark[] = [];
  /** The parts of a story that was played. */
  readonly acts: { readonly at: number; readonly title: string }[] = [];
  readonly sleeps: { readonly who: Who; readonly from: number; until: number | null }[] = [];
  readonly policy: Policy;
  /** The first thing that is known: for a session that was found, when its access token was made. */
  started: number | null = null;
  /** The first end; what follows it changes nothing any more. */
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
    // A found session began before anybody looked, so its chain begins with the token that it holds now.
    if (what === "found" && entry.generation !== undefined) this.#replace(entry.generation, this.started);
    // Before the bar and the mark, which show what the chain then says.
    this.#chain(entry);
    // A token in a lost answer reached nobody, so no lane shows it.
    const access = entry.lost === true ? null : (report?.access ?? entry.access ?? null);
    if (access !== null) this.#bar(who, what === "found" ? access.iat : at, access.exp);
    this.#mark(entry);
    if (isOver(entry) && this.ended === null) {
      this.ended = { at, revoked: what !== "sign-out" };
      // The session takes everything with it that was still open.
      for (const link of this.links) link.until ??= at;
      for (const window of this.windows) window.until ??= at;
    }
    // The picture shows a window of time, so what is long past can go.
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
        // The parent of before is not accepted any more, so its window closes.
        if (window !== undefined) window.until ??= at;
        this.handOuts.push(at);
        this.windows.push({ graces: [this.#grace(at)], recoveryUntil: this.#recoveryFrom(at), until: null });
        break;
      case "grace":
        this.handOuts.push(at);
        // It begins anew with each hand-out.
        window?.graces.push({ ...this.#grace(at), from: window.graces.pop()?.from ?? at });
        break;
      case "recovered": {
        if (generation === null) return;
        // The successor that never arrived. Its generation is passed over, and its use would be reuse.
        const lost = this.links.at(-1);
        if (lost !== undefined) lost.burned = true;
        this.#replace(generation, at);
        this.handOuts.push(at);
        // The same parent recovers, so its window goes on with another grace.
        window?.graces.push(this.#grace(at));
        break;
      }
    }
  }

  /** A new current token: the one before it ends. */
  #replace(generation: number, at: number): void {
    const last = this.links.at(-1);
    if (last !== undefined) last.until ??= at;
    this.links.push({ generation, from: at, until: null, burned: false });
  }

  #bar(who: Who, from: number, until: number): void {
    // In turns, for the one before it still has some life left.
    const row = this.bars.filter((bar) => bar.who === who).at(-1)?.row === 0 ? 1 : 0;
    this.bars.push({ who, from, until, row });
  }

  #mark({ at, who, what, report, lost = false }: Entry): void {
    // These are drawn as spans or as a beginning, and nothing was asked.
    if (what === "sleep" || what === "wake" || what === "found" || what === "ran-out") return;
    const outcome = outcomeOf(report);
    const isRefused = report !== undefined && report.status >= 400;
    // A refused request has the thief's colour whoever sent it: the picture does not know who holds a copy.
    const tone = who === "thief" || isRefused ? "thief" : what === "call" ? "call" : "refresh";
    const shape = who === "thief" ? "thief" : isRefused ? "cross" : outcome === "debounced" ? "ring" : "dot";
    this.marks.push({ at, who, shape, tone, reaches: outcome !== null && what !== "steal", lost });
  }

  // The Worker counts in whole seconds, so a window lasts until the second after its last one.
  #grace(at: number): { from: number; until: number } {
    return { from: at, until: Math.floor(at) + seconds(this.policy.grace) + 1 };
  }

  /** Until when the parent recovers. */
  #recoveryFrom(at: number): number {
    const { recovery, idle } = this.policy;
    // Without recovery the parent is good for its grace alone.
    if (seconds(recovery) === 0) return at;
    // As long as the session may live, recovery ends with the session.
    return recovery === idle ? Infinity : Math.floor(at) + seconds(recovery) + 1;
  }
}

// Entries of each list. A picture with more could not be read, and a page may stay open for days.
const KEPT = 200;
