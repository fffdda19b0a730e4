import { LifeFigure } from "../app/life/figure.js";
import { actOf, type Recording } from "../app/scene/recording.js";
import { POLICY } from "../app/scene/script.js";

const figure = new LifeFigure("card", ["tab-a", "tab-b", "thief"], (at, started) => `${Math.round(at - started)} s`);
const { all } = (await (await fetch("recording.json")).json()) as Recording;
await document.fonts.load("500 12px 'Instrument Sans'").then(() => document.fonts.load("400 11px 'Geist Mono'"));
figure.begin(POLICY);
for (const step of all!.steps) {
  if ("act" in step) figure.open(step.at, actOf(step.act).title);
  else figure.add(step);
}
figure.draw(all!.begun - 0.3, all!.ended + 1, all!.ended);
await document.fonts.ready;
document.documentElement.dataset.drawn = "";
