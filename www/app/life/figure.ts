/** The same story twice: the picture, and the words beside it. Each thing that happens goes into both. */
import type { Policy } from "../../report.js";
import { element, find } from "../dom.js";
import { draw, heightOf, type View } from "./draw.js";
import { type Entry, heardOf, isOver, outcomeOf, type Who } from "./entry.js";
import { History } from "./history.js";
import { narrate } from "./narrate.js";

/** Lines of the list. The older ones go, so that a page left open does not grow without end. */
const KEPT = 200;

/** One picture with its list and its banner. */
export class LifeFigure {
  readonly #picture: SVGSVGElement;
  readonly #log: HTMLOListElement;
  readonly #banner: HTMLElement;
  readonly #lanes: readonly Who[];
  readonly #label: View["label"];
  #history: History | null = null;

  /** `name` begins the ids of its parts in index.html; `label` is what stands at a tick of the axis. */
  constructor(name: string, lanes: readonly Who[], label: (at: number, started: number) => string) {
    this.#picture = find(`${name}-picture`, SVGSVGElement);
    this.#log = find(`${name}-log`, HTMLOListElement);
    this.#banner = find(`${name}-banner`, HTMLElement);
    this.#lanes = lanes;
    this.#label = (at) => label(at, this.#history?.started ?? at);
  }

  /** Null until the first session begins. */
  get history(): History | null {
    return this.#history;
  }

  /** A new session: the picture starts over. The words go on, unless a new story is told. */
  begin(policy: Policy, { forget = false } = {}): void {
    this.#history = new History(policy);
    this.#banner.hidden = true;
    if (forget) this.#log.replaceChildren();
  }

  /** Another part of the story. */
  open(at: number, title: string): void {
    this.#history?.acts.push({ at, title });
  }

  /** Puts it into picture and words, and gives the words back. */
  add(entry: Entry): string {
    this.#history?.add(entry);
    const { text, tone } = narrate(entry);
    const item = document.createElement("li");
    const said = element("span", "said", text);
    const outcome = outcomeOf(entry.report);
    // The event by its name in the documents, beside the words.
    if (outcome !== null) said.append(" ", element("code", "outcome", outcome));
    item.append(element("time", "", this.#label(entry.at)), element("i", `dot ${tone}`), said);
    // The placeholder of a list that has no line yet.
    this.#log.querySelector(".empty")?.remove();
    this.#log.append(item);
    while (this.#log.children.length > KEPT) this.#log.firstElementChild?.remove();
    const scrolled = this.#log.parentElement;
    // The latest line stays in sight.
    if (scrolled !== null) scrolled.scrollTop = scrolled.scrollHeight;
    if (isOver(entry)) this.#announceEnd(entry);
    return text;
  }

  #announceEnd({ what, report }: Entry): void {
    // The first end is the one that counts, and nobody has to be warned of signing out.
    if (!this.#banner.hidden || what === "sign-out") return;
    // Only this evidence proves a copy. A late parent may be an honest answer that was lost, and is accused of nothing.
    const isCaught = heardOf(report, "reuse")?.evidence === "older";
    this.#banner.querySelector("b")!.textContent = isCaught ? "Caught" : "Session over";
    this.#banner.hidden = false;
  }

  /** Draws the time from `from` to `until`, in seconds by the Worker's clock. */
  draw(from: number, until: number, now: number): void {
    if (this.#history === null) return;
    // One unit is one pixel, so that letters keep their size at every width. A hidden picture has no width.
    const width = this.#picture.clientWidth || 600;
    this.#picture.setAttribute("viewBox", `0 0 ${width} ${heightOf(this.#lanes)}`);
    const view: View = { from, until, now, width, lanes: this.#lanes, label: this.#label };
    this.#picture.replaceChildren(...draw(this.#history, view));
  }
}
