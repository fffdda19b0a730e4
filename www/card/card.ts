/**
 * Draws the whole recorded scene once, for the page's link preview. The flag at the end tells card.mjs that the picture
 * is ready.
 */
import { LifeFigure } from "../app/life/figure.js";
import { actOf, type Recording } from "../app/scene/recording.js";
import { POLICY } from "../app/scene/script.js";

const figure = new LifeFigure("card", ["tab-a", "tab-b", "thief"], (at, started) => `${Math.round(at - started)} s`);
const { all } = (await (await fetch("recording.json")).json()) as Recording;
// Both fonts are loaded before anything is drawn: a fallback font would have other widths.
await document.fonts.load("500 12px 'Instrument Sans'").then(() => document.fonts.load("400 11px 'Geist Mono'"));
figure.begin(POLICY);
for (const step of all!.steps) {
  if ("act" in step) figure.open(step.at, actOf(step.act).title);
  else figure.add(step);
}
// A little room on both sides, so that neither the first nor the last mark is clipped.
figure.draw(all!.begun - 0.3, all!.ended + 1, all!.ended);
await document.fonts.ready;
// Set last: card.mjs waits for it.
document.documentElement.dataset.drawn = "";
