/**
 * The element with this id in index.html, checked to be of the expected class. Throws if the page and its script do not
 * match, so that the mistake shows at startup and not at the first click.
 */
export function find<Kind extends Element>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html lacks #${id}`);
  return found;
}

/**
 * A new element. `text` is inserted as text: tokens and errors may contain anything, and none of it may become markup.
 */
export function element(name: string, className: string, text?: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** JSON with its names in colour, and each of the named times spelled out next to it. */
export function showJson(target: HTMLElement, value: Record<string, unknown>, times: readonly string[] = []): void {
  const lines: (string | Node)[] = ["{\n"];
  const entries = Object.entries(value);
  // Name by name rather than by one `JSON.stringify`, so that each name can have its colour and each time its words.
  entries.forEach(([name, item], at) => {
    lines.push(
      "  ",
      element("span", "name", JSON.stringify(name)),
      `: ${JSON.stringify(item)}${at + 1 < entries.length ? "," : ""}`,
    );
    if (times.includes(name) && typeof item === "number") lines.push(element("span", "time", `  ${moment(item)}`));
    lines.push("\n");
  });
  target.replaceChildren(...lines, "}");
}

/** The time of day in the visitor's time zone, on the 24-hour clock. `seconds` are since 1970. */
export function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  });
}

/** Today's times without a date; other days with the date, and with the year if it is another year. */
function moment(seconds: number): string {
  const at = new Date(seconds * 1000);
  // The time alone is enough for today.
  if (at.toDateString() === new Date().toDateString()) return clockTime(seconds);
  const year = at.getFullYear() === new Date().getFullYear() ? {} : ({ year: "numeric" } as const);
  return `${at.toLocaleDateString([], { day: "numeric", month: "short", ...year })}, ${clockTime(seconds)}`;
}

/** "0:07", "14:59", "23 h 59 m", "13 d 23 h". */
export function countdown(seconds: number): string {
  // Rounded up, so that it shows 0:01 until the very end and 0:00 means over.
  const left = Math.max(0, Math.ceil(seconds));
  if (left < 3_600) return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (left < 86_400) return `${Math.floor(left / 3_600)} h ${Math.floor((left % 3_600) / 60)} m`;
  return `${Math.floor(left / 86_400)} d ${Math.floor((left % 86_400) / 3_600)} h`;
}
