import { clockTime, element, find } from "./dom.js";

export type Kind = "access" | "refresh" | "call" | "thief";

interface Bar {
  readonly from: number;
  readonly until: number;
  readonly lane: 0 | 1;
  revoked: boolean;
}

interface Mark {
  readonly at: number;
  readonly kind: Kind;
  readonly generation: number | null;
}

const SVG = "http://www.w3.org/2000/svg";
const RAIL = { access: 34, refresh: 66, call: 92 } as const;
const KEPT = 200;

/** The picture and the words: each thing that happens goes into both. */
export class TimeLine {
  readonly #figure = find("line", HTMLElement);
  readonly #svg = find("time-line", SVGSVGElement);
  readonly #log = find("log", HTMLOListElement);
  readonly #bars: Bar[] = [];
  readonly #marks: Mark[] = [];
  #started: number | null = null;
  #ended: number | null = null;
  #over = false;

  /** A new session begins: the picture starts over, the words go on. */
  begin(now: number): void {
    this.#bars.length = 0;
    this.#marks.length = 0;
    this.#started = now;
    this.#ended = null;
    this.#over = false;
    this.#figure.classList.remove("quiet");
  }

  end(now: number, revoked: boolean): void {
    this.#ended ??= now;
    this.#over ||= revoked;
    const last = this.#bars.at(-1);
    if (revoked && last !== undefined) last.revoked = true;
  }

  token(from: number, until: number): void {
    if (this.#bars.at(-1)?.from === from && this.#bars.at(-1)?.until === until) return;
    // In turns, for the one before it still has some life left.
    const lane = this.#bars.at(-1)?.lane === 0 ? 1 : 0;
    this.#bars.push({ from, until, lane, revoked: false });
    if (this.#bars.length > KEPT) this.#bars.shift();
  }

  say(at: number, kind: Kind, text: string, more = "", generation: number | null = null): void {
    this.#marks.push({ at, kind, generation });
    if (this.#marks.length > KEPT) this.#marks.shift();
    const time = element("time", "", clockTime(at));
    const words = element("span", "", text);
    if (more !== "") words.append(" ", element("small", "", more));
    const item = document.createElement("li");
    item.append(time, element("i", `dot ${kind}`), words);
    this.#log.querySelector(".empty")?.remove();
    this.#log.prepend(item);
    while (this.#log.children.length > KEPT) this.#log.lastElementChild?.remove();
  }

  draw(now: number): void {
    if (this.#started === null) return;
    const width = this.#svg.clientWidth || 600;
    const height = this.#svg.clientHeight || 112;
    const { from, until } = this.#window(now);
    const x = (at: number): number => ((at - from) / (until - from)) * width;
    const parts: SVGElement[] = [];
    this.#ticks(parts, from, until, x, width, height);
    parts.push(shape("line", { class: "rail", x1: 0, x2: width, y1: RAIL.call, y2: RAIL.call }));
    const thread = `thread ${this.#over ? "thief" : "refresh"}`;
    parts.push(
      shape("line", {
        class: thread,
        x1: x(this.#started),
        x2: x(this.#ended ?? now),
        y1: RAIL.refresh,
        y2: RAIL.refresh,
      }),
    );
    for (const { from: made, until: ends, revoked, lane } of this.#bars) {
      const state = revoked ? "bar thief" : ends <= now || this.#ended !== null ? "bar access gone" : "bar access";
      const left = x(made);
      const y = RAIL.access - 12 + lane * 12;
      parts.push(
        shape("rect", { class: state, x: left, y, width: Math.max(3, x(ends) - left - 1.5), height: 10, rx: 3.5 }),
      );
    }
    for (const { at, kind, generation } of this.#marks) {
      const y = kind === "call" ? RAIL.call : kind === "access" ? RAIL.access : RAIL.refresh;
      if (kind === "thief") {
        parts.push(shape("path", { class: "event thief", d: `M${x(at)} ${y - 8}l7 13h-14z` }));
      } else {
        parts.push(shape("circle", { class: `event ${kind}`, cx: x(at), cy: y, r: kind === "call" ? 4 : 5.5 }));
      }
      if (generation !== null) parts.push(label(String(generation), x(at), y - 10, "generation"));
    }
    parts.push(shape("line", { class: "now", x1: x(now), x2: x(now), y1: 14, y2: height }));
    this.#svg.replaceChildren(...parts);
  }

  /** Room for a few access lives, or for what has happened so far; the present never stands beyond three quarters. */
  #window(now: number): { from: number; until: number } {
    const last = this.#bars.at(-1);
    const life = last === undefined ? 60 : last.until - last.from;
    const started = this.#started ?? now;
    const span = Math.min(3_600, Math.max(24, life * 3.2), Math.max(60, (now - started) * 1.6));
    const from = Math.max(started - span * 0.03, now - span * 0.75);
    return { from, until: from + span };
  }

  #ticks(
    parts: SVGElement[],
    from: number,
    until: number,
    x: (at: number) => number,
    width: number,
    height: number,
  ): void {
    const span = until - from;
    const room = Math.max(2, Math.floor(width / 110));
    const step = [2, 5, 10, 15, 30, 60, 120, 300, 600, 900].find((each) => span / each <= room) ?? 1_800;
    for (let at = Math.ceil(from / step) * step; at <= until; at += step) {
      parts.push(shape("line", { class: "rail", x1: x(at), x2: x(at), y1: 16, y2: height }));
      if (x(at) > 30 && x(at) < width - 30) parts.push(label(clockTime(at), x(at), 10));
    }
  }
}

function shape(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, typeof value === "number" ? String(Math.round(value * 10) / 10) : value);
  return made;
}

function label(text: string, x: number, y: number, className = ""): SVGElement {
  const made = shape("text", { x, y, "text-anchor": "middle", class: className });
  made.textContent = text;
  return made;
}
