// docs/api is what the types, the description of the options and the table of codes say.

import assert from "node:assert/strict";
import { test } from "node:test";

import { page, references } from "./api.mjs";

for (const [name, text] of Object.entries(references())) {
  test(`docs/api/${name}.md is as it would be made now`, () =>
    assert.equal(page(name), text, "run node tests/docs/api.mjs"));
}

test("it tells every option, and what it is if left out", () => {
  for (const row of [/^\| `grace` \| seconds, or .* \| `30s` \|/m, /^\| `refreshChanged` \| `boolean` \|/m])
    assert.match(page("sessions"), row);
});
