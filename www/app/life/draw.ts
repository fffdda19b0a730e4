/**
 * The picture of a session: at the top the chain of refresh tokens, below it a lane for each tab with its access
 * tokens, and behind both the windows in which the parent of the current token is still accepted.
 */
import type { Who } from "./entry.js";
import type { History, Link, Mark } from "./history.js";
import { nameOf } from "./narrate.js";
import { box, shape, words } from "./shapes.js";

/** The visible time span, and the space for it. Times are in seconds, lengths in pixels. */
export interface View {
  readonly from: number;
  readonly until: number;
  readonly now: number;
  readonly width: number;
  /** From top to bottom. */
  readonly lanes: readonly Who[];
  /** The label of a tick. */
  readonly label: (at: number) => string;
}

/** The heights, from the top: act names, the chain, and the lanes below it. */
const ACTS = 30;
const CHAIN = { y: 46, height: 26 };
const FIRST_LANE = 90;
const LANE = 50;
/** At the bottom, for the window names and the banner. */
const FOOT = 40;

/** Known before anything is drawn, so that the page can reserve the space and does not jump. */
export function heightOf(lanes: readonly Who[]): number {
  return FIRST_LANE + lanes.length * LANE + FOOT;
}

/** The whole picture, redrawn. Later items in the list are painted over earlier ones. */
export function draw(history: History, view: View): SVGElement[] {
  const pen = new Pen(history, view);
  return [
    ...pen.windows(),
    ...pen.axis(),
    ...pen.acts(),
    ...pen.lanes(),
    ...pen.bars(),
    ...pen.reaches(),
    ...pen.chain(),
    ...pen.marks(),
    ...pen.end(),
    ...pen.now(),
  ];
}

/** Draws one history in one view. The SVG itself clips everything outside the view. */
class Pen {
  readonly #history: History;
  readonly #view: View;
  readonly #height: number;
  /** On the left, for the lane names. */
  readonly #gutter: number;

  constructor(history: History, view: View) {
    this.#history = history;
    this.#view = view;
    this.#height = heightOf(view.lanes);
    this.#gutter = view.width < 480 ? 52 : 84;
  }

  /** The grace and recovery windows, at full height behind everything. */
  windows(): SVGElement[] {
    const { now } = this.#view;
    return this.#history.windows.flatMap(({ graces, recoveryUntil, until }) => {
      // An open window ends by its own rule; Infinity lies beyond the right margin.
      const last = until ?? Infinity;
      // Each grace period is followed by recovery, until the next grace period or the end of the window.
      const bands = graces.map((grace, at) => {
        const over = Math.min(grace.until, last);
        const next = graces[at + 1]?.from ?? Math.min(recoveryUntil, last);
        // The current grace period stands out.
        const state = now < over ? "window grace open" : "window grace";
        return [
          ...this.#band("window recovery", over, next, "recovery"),
          ...this.#band(state, grace.from, over, "grace"),
        ];
      });
      return bands.flat();
    });
  }

  #band(className: string, from: number, until: number, name: string): SVGElement[] {
    const left = Math.max(this.#gutter, this.#x(from));
    const right = Math.min(this.#x(until), this.#view.width + 1);
    // Bands are clipped at the gutter, where the lane names are.
    if (right <= this.#gutter || left >= this.#view.width || right <= left) return [];
    const band = box(className, left, right, CHAIN.y - 8, this.#height - CHAIN.y + 8);
    // The approximate width of a letter in pixels: measuring text would cost a layout per frame.
    const isNamed = right - left > name.length * 6.4;
    return isNamed ? [band, words(name, left + 4, this.#height - FOOT / 2 + 4, "window-name")] : [band];
  }

  /** Ticks at round times, counted from the beginning of the session. */
  axis(): SVGElement[] {
    const { from, until, width, label } = this.#view;
    // A label needs about 90 pixels.
    const room = Math.max(2, Math.floor(width / 90));
    const step = STEPS.find((each) => (until - from) / each <= room) ?? 86_400;
    // Counted from the beginning, so that a tick keeps its place and its label while the picture moves.
    const begin = this.#history.started ?? from;
    const parts: SVGElement[] = [];
    for (let at = begin + Math.ceil((from - begin) / step) * step; at <= until; at += step) {
      const x = this.#x(at);
      parts.push(shape("line", { class: "tick", x1: x, x2: x, y1: 15, y2: 19 }));
      // A label that would be clipped at the side is omitted; its tick stays.
      if (x > this.#gutter - 8 && x < width - 24) parts.push(words(label(at), x, 12, "", "middle"));
    }
    return parts;
  }

  /** The act names of a story, where they fit. */
  acts(): SVGElement[] {
    const { acts } = this.#history;
    return acts.flatMap(({ at, title }, index) => {
      const x = this.#x(at);
      const next = acts[index + 1];
      const room = (next === undefined ? this.#view.width : this.#x(next.at)) - x;
      const line = shape("line", { class: "act-line", x1: x, x2: x, y1: ACTS - 9, y2: ACTS + 3 });
      // As with the bands, the width is estimated: if the whole name does not fit, only the line is drawn.
      return room < title.length * 6.3 ? [line] : [line, words(title, x + 5, ACTS, "act-name")];
    });
  }

  /** A rail with a name for each tab, and the time that the tab slept. */
  lanes(): SVGElement[] {
    const { lanes, width } = this.#view;
    const lines = lanes.flatMap((who, at) => {
      const y = FIRST_LANE + at * LANE;
      return [
        shape("line", { class: "rail", x1: 0, x2: width, y1: y, y2: y }),
        words(nameOf(who), 0, y + 34, who === "thief" ? "lane thief" : "lane"),
      ];
    });
    const sleeps = this.#history.sleeps.flatMap(({ who, from, until }) => {
      const y = this.#lane(who);
      const left = this.#x(from);
      // A tab that is still asleep has slept until now.
      const right = this.#x(until ?? this.#view.now);
      const parts = [box("sleep", left, right, y + 4, LANE - 8, 6)];
      return right - left > 44 ? [...parts, words("asleep", (left + right) / 2, y + 28, "sleeping", "middle")] : parts;
    });
    return [...lines, ...sleeps];
  }

  /** The access tokens, each from its issue to its expiry. */
  bars(): SVGElement[] {
    const { now } = this.#view;
    return this.#history.bars.map(({ who, from, until, row }) => {
      const y = this.#lane(who) + 20 + row * 12;
      const state = until <= now ? "gone" : "";
      const left = this.#x(from);
      return box(
        `bar ${who === "thief" ? "thief" : "access"} ${state}`,
        left,
        // At least three pixels, so that a short lifetime is visible, with a gap before the next one.
        Math.max(left + 3, this.#x(until) - 1.5),
        y,
        9,
        3,
      );
    });
  }

  /** Lines from a tab to the chain and back: a lost answer gets only half of the way. */
  reaches(): SVGElement[] {
    return this.#history.marks
      .filter(({ reaches }) => reaches)
      .flatMap(({ at, who, tone, lost }) => {
        const x = this.#x(at);
        const bottom = this.#lane(who) + 30;
        const top = CHAIN.y + CHAIN.height;
        const line = shape("line", { class: `reach ${tone}${lost ? " lost" : ""}`, x1: x, x2: x, y1: top, y2: bottom });
        if (!lost) return [line];
        return [line, this.#cross(x, (top + this.#lane(who)) / 2 + 4, "cross thief")];
      });
  }

  /** The refresh tokens in order, with a tick for each time that one was handed out. */
  chain(): SVGElement[] {
    const { links, handOuts, ended } = this.#history;
    const ticks = handOuts.map((at) => {
      const x = this.#x(at);
      return shape("line", { class: "hand-out", x1: x, x2: x, y1: CHAIN.y - 7, y2: CHAIN.y - 1 });
    });
    return [...links.flatMap((link) => this.#link(link, ended?.revoked === true)), ...ticks];
  }

  /** One refresh token. Burned tokens, and the last one of a revoked session, stand out. */
  #link({ generation, from, until, burned }: Link, isRevoked: boolean): SVGElement[] {
    const left = this.#x(from);
    const right = Math.max(left + 3, this.#x(until ?? this.#view.now) - 2);
    const state = burned
      ? "burned"
      : isRevoked && until === this.#history.ended?.at
        ? "thief"
        : until === null
          ? "live"
          : "";
    const parts = [box(`link ${state}`, left, right, CHAIN.y, CHAIN.height, 7)];
    // The number stays visible while its box leaves the picture on the left.
    const visible = Math.max(left, this.#gutter);
    if (right - visible > 12)
      parts.push(
        words(
          String(generation),
          visible + Math.min(9, (right - visible) / 2),
          CHAIN.y + 17.5,
          `generation ${state}`,
          "middle",
        ),
      );
    return parts;
  }

  /** The requests and the theft, each in the lane of the one who acted. */
  marks(): SVGElement[] {
    return this.#history.marks.map((mark) => this.#mark(mark));
  }

  #mark({ at, who, shape: form, tone }: Mark): SVGElement {
    const x = this.#x(at);
    const y = this.#lane(who) + 30;
    // Shapes differ as well as colours, for visitors who cannot tell the colours apart.
    if (form === "thief") return shape("path", { class: `event ${tone}`, d: `M${x} ${y - 8}l7.5 13.5h-15z` });
    if (form === "cross") return this.#cross(x, y, `cross ${tone}`);
    return shape("circle", { class: `event ${tone} ${form}`, cx: x, cy: y, r: 5 });
  }

  #cross(x: number, y: number, className: string): SVGElement {
    return shape("path", { class: className, d: `M${x - 4.5} ${y - 4.5}l9 9m0-9l-9 9` });
  }

  /** Shades the time after the session has ended. */
  end(): SVGElement[] {
    const { ended } = this.#history;
    if (ended === null) return [];
    const x = this.#x(ended.at);
    // A sign-out is no alarm, so its colour differs from that of a revoked session.
    const kind = ended.revoked ? "thief" : "call";
    return [
      box(`after ${kind}`, x, this.#view.width, CHAIN.y - 8, this.#height - CHAIN.y + 8),
      shape("line", { class: `end ${kind}`, x1: x, x2: x, y1: CHAIN.y - 8, y2: this.#height }),
    ];
  }

  /** The present, by the Worker's clock. */
  now(): SVGElement[] {
    const x = this.#x(this.#view.now);
    return [shape("line", { class: "now", x1: x, x2: x, y1: CHAIN.y - 8, y2: this.#height })];
  }

  #x(at: number): number {
    const { from, until, width } = this.#view;
    // SVG does not accept Infinity: any place beyond the margin will do.
    if (at === Infinity) return width * 2;
    return this.#gutter + ((at - from) / (until - from)) * (width - this.#gutter);
  }

  #lane(who: Who): number {
    // Anyone without a lane is drawn in the first one.
    return FIRST_LANE + Math.max(0, this.#view.lanes.indexOf(who)) * LANE;
  }
}

/** Possible tick intervals in seconds: the first one that leaves room for labels is used. */
const STEPS = [2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 14_400, 43_200];
