// Time spans against npm ms, the release that npm jsonwebtoken reads them with.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { milliseconds } from "../../pkg/dist/jwt/timespan.js";
import { Draw } from "./generator.mjs";

const ms = createRequire(createRequire(import.meta.url).resolve("jsonwebtoken"))("ms");
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

/** The answer of npm ms, with NaN for what it does not read: it throws for no text at all, and gives undefined else. */
const theirs = (text) => (text === "" ? NaN : (ms(text) ?? NaN));
const agree = (text) => assert.equal(milliseconds(text), theirs(text), `${JSON.stringify(text)} (seed ${seed})`);

const UNITS =
  "milliseconds millisecond msecs msec ms seconds second secs sec s minutes minute mins min m hours hour hrs hr h days day d weeks week w years year yrs yr y".split(
    " ",
  );
const NUMBERS = ["0", "1", "15", "1.5", ".5", "-1", "-.5", "-0", "007", "0.001", "9".repeat(20), `1.${"3".repeat(20)}`];

test("every unit, in either case, after every form of a number", () => {
  for (const unit of ["", ...UNITS])
    for (const number of NUMBERS)
      for (const space of ["", " ", "   "])
        for (const text of [number + space + unit, number + space + unit.toUpperCase()]) {
          agree(text);
          assert.ok(!Number.isNaN(milliseconds(text)), text);
        }
});

test("what is no span", () => {
  const texts = ["", " 1h", "1h ", "1.h", "1.", "+1h", "1h30m", "1mo", "1e3", "-", ".", "h", "--1h", "1 h s", "1\th"];
  // Letters and digits that only a rule of Unicode would take for ours; a line that ends before the text does.
  for (const text of [...texts, "١h", "1\u017f", "1wee\u212a", "1s\n", "1s\nx", "NaN", "Infinity", "0x10", "1_000"]) {
    agree(text);
    assert.ok(Number.isNaN(milliseconds(text)), text);
  }
});

test("a hundred characters, and no more", () => {
  for (const text of ["1".repeat(100), `${"1".repeat(99)}s`, `1${" ".repeat(98)}s`, ".".repeat(100)]) agree(text);
  for (const text of ["1".repeat(101), `1${" ".repeat(99)}s`]) {
    agree(text);
    assert.ok(Number.isNaN(milliseconds(text)));
  }
});

test(`the same for any text made of the pieces of spans (seed ${seed})`, () => {
  const draw = new Draw(seed);
  const pieces = [
    ...UNITS,
    ...NUMBERS,
    "-",
    "+",
    ".",
    " ",
    "  ",
    "\t",
    "\n",
    "e",
    "x",
    "S",
    "Min",
    "HOURS",
    "mo",
    "",
    "ſ",
  ];
  let spans = 0;
  for (let round = 0; round < 50_000; round += 1) {
    const text = Array.from({ length: 1 + draw.below(4) }, () => draw.one(pieces)).join("");
    agree(text);
    if (!Number.isNaN(milliseconds(text))) spans += 1;
  }
  assert.ok(spans > 2000, `${spans} of the texts were spans (seed ${seed})`);
});
