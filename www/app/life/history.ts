/** What the picture shows of a session: made of entries, one after the other. Times are seconds by the Worker's clock. */
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

/** What the parent of the current token may do, and for how long. */
export interface Window {
  /** One for each run of hand-outs: a recovery begins another. */
  readonly graces: { readonly from: number; until: number }[];
  readonly recoveryUntil: number;
  until: number | null;
}

export interface Bar {
  readonly who: Who;
  readonly from: number;
  readonly until: number;
  readonly row: 0 | 1;
}

export interface Mark {
  readonly at: number;
  readonly who: Who;
  readonly shape: "dot" | "ring" | "thief" | "cross";
  readonly tone: "access" | "refresh" | "call" | "thief";
  /** Whether the refresh token was used, which a line to the chain shows. */
  readonly reaches: boolean;
  readonly lost: boolean;
}

export class History {
  readonly links: Link[] = [];
  readonly windows: Window[] = [];
  readonly handOuts: number[] = [];
  readonly bars: Bar[] = [];
  readonly marks: Mark[] = [];
  /** The parts of a story that was played. */
  readonly acts: { readonly at: number; readonly title: string }[] = [];
  readonly sleeps: { readonly who: Who; readonly from: number; until: number | null }[] = [];
  readonly policy: Policy;
  started: number | null = null;
  ended: { readonly at: number; readonly revoked: boolean } | null = null;

  constructor(policy: Policy) {
    this.policy = policy;
  }

  add(entry: Entry): void {
    const { at, who, what, report } = entry;
    this.started ??= entry.access?.iat ?? at;
    if (what === "sleep") this.sleeps.push({ who, from: at, until: null });
    if (what === "wake") for (const sleep of this.sleeps) sleep.until ??= at;
    if (what === "found" && entry.generation !== undefined) this.#replace(entry.generation, this.started);
    this.#chain(entry);
    const access = entry.lost === true ? null : (report?.access ?? entry.access ?? null);
    if (access !== null) this.#bar(who, what === "found" ? access.iat : at, access.exp);
    this.#mark(entry);
    if (isOver(entry) && this.ended === null) {
      this.ended = { at, revoked: what !== "sign-out" };
      for (const link of this.links) link.until ??= at;
      for (const window of this.windows) window.until ??= at;
    }
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
        const lost = this.links.at(-1);
        if (lost !== undefined) lost.burned = true;
        this.#replace(generation, at);
        this.handOuts.push(at);
        window?.graces.push(this.#grace(at));
        break;
      }
    }
  }

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
    if (what === "sleep" || what === "wake" || what === "found" || what === "ran-out") return;
    const outcome = outcomeOf(report);
    const isRefused = report !== undefined && report.status >= 400;
    const tone = who === "thief" || isRefused ? "thief" : what === "call" ? "call" : "refresh";
    const shape = who === "thief" ? "thief" : isRefused ? "cross" : outcome === "debounced" ? "ring" : "dot";
    this.marks.push({ at, who, shape, tone, reaches: outcome !== null && what !== "steal", lost });
  }

  // The Worker counts in whole seconds, so a window lasts until the second after its last one.
  #grace(at: number): { from: number; until: number } {
    return { from: at, until: Math.floor(at) + seconds(this.policy.grace) + 1 };
  }

  #recoveryFrom(at: number): number {
    const { recovery, idle } = this.policy;
    if (seconds(recovery) === 0) return at;
    // As long as the session may live, recovery ends with the session.
    return recovery === idle ? Infinity : Math.floor(at) + seconds(recovery) + 1;
  }
}

const KEPT = 200;
