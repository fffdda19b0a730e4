/** The same story twice: the picture, and the words beside it. Each event goes into both. */
import type { Policy } from "../../report.js";
import { element, find } from "../dom.js";
import { draw, heightOf, type View } from "./draw.js";
import { type Entry, heardOf, isOver, outcomeOf, type Who } from "./entry.js";
import { History } from "./history.js";
import { narrate } from "./narrate.js";

/** The number of lines in the list. Older lines are removed, so that an open page does not grow without limit. */
const KEPT = 200;

/** One picture with its list and its banner. */
export class LifeFigure {
  readonly #picture: SVGSVGElement;
  readonly #log: HTMLOListElement;
  readonly #banner: HTMLElement;
  readonly #lanes: readonly Who[];
  readonly #label: View["label"];
  #history: History | null = null;

  /** `name` is the prefix of its parts' ids in index.html; `label` returns the label of an axis tick. */
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

  /** A new session: the picture starts over. The words continue, unless a new story is told. */
  begin(policy: Policy, { forget = false } = {}): void {
    this.#history = new History(policy);
    this.#banner.hidden = true;
    if (forget) this.#log.replaceChildren();
  }

  /** Another part of the story. */
  open(at: number, title: string): void {
    this.#history?.acts.push({ at, title });
  }

  /** Adds an entry to the picture and the words, and returns the words. */
  add(entry: Entry): string {
    this.#history?.add(entry);
    const { text, tone } = narrate(entry);
    const item = document.createElement("li");
    const said = element("span", "said", text);
    const outcome = outcomeOf(entry.report);
    // The event, by its documented name, next to the words.
    if (outcome !== null) said.append(" ", element("code", "outcome", outcome));
    item.append(element("time", "", this.#label(entry.at)), element("i", `dot ${tone}`), said);
    // The placeholder of an empty list.
    this.#log.querySelector(".empty")?.remove();
    this.#log.append(item);
    while (this.#log.children.length > KEPT) this.#log.firstElementChild?.remove();
    const scrolled = this.#log.parentElement;
    // Keeps the latest line in view.
    if (scrolled !== null) scrolled.scrollTop = scrolled.scrollHeight;
    if (isOver(entry)) this.#announceEnd(entry);
    return text;
  }

  #announceEnd({ what, report }: Entry): void {
    // The first end counts, and a sign-out needs no warning.
    if (!this.#banner.hidden || what === "sign-out") return;
    // Only this evidence proves a copy. A late parent may be an honest client whose answer was lost, so it is not
    // accused.
    const isCaught = heardOf(report, "reuse")?.evidence === "older";
    this.#banner.querySelector("b")!.textContent = isCaught ? "Caught" : "Session over";
    this.#banner.hidden = false;
  }

  /** Draws the time from `from` to `until`, in seconds by the Worker's clock. */
  draw(from: number, until: number, now: number): void {
    if (this.#history === null) return;
    // One unit is one pixel, so that text keeps its size at every width. A hidden picture has no width.
    const width = this.#picture.clientWidth || 600;
    this.#picture.setAttribute("viewBox", `0 0 ${width} ${heightOf(this.#lanes)}`);
    const view: View = { from, until, now, width, lanes: this.#lanes, label: this.#label };
    this.#picture.replaceChildren(...draw(this.#history, view));
  }
}
