// SVG elements need the SVG namespace: without it they are unknown HTML elements and are not drawn.
const SVG = "http://www.w3.org/2000/svg";

/** An SVG element. Numbers are rounded to tenths of a pixel, which keeps each frame's markup short. */
export function shape(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, typeof value === "number" ? String(Math.round(value * 10) / 10) : value);
  return made;
}

/** Text, placed by its baseline. `anchor` says which part of it is at `x`. */
export function words(text: string, x: number, y: number, className = "", anchor = "start"): SVGElement {
  const made = shape("text", { x, y, class: className, "text-anchor": anchor });
  made.textContent = text;
  return made;
}

/** A rectangle between two positions. Reversed positions give an empty one, because a negative width is an error. */
export function box(className: string, left: number, right: number, y: number, height: number, rx = 0): SVGElement {
  return shape("rect", { class: className, x: left, y, width: Math.max(0, right - left), height, rx });
}
