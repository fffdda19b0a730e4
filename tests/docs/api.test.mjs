// docs/api is what the types and the description of the options say.

import assert from "node:assert/strict";
import { test } from "node:test";

import { page, reference } from "./api.mjs";

test("the reference of sessions is that of the types", () => {
  assert.equal(page(), reference(), "run node tests/docs/api.mjs");
});

test("it tells every option, and what it is if left out", () => {
  for (const row of [/^\| `grace` \| seconds, or .* \| `30s` \|/m, /^\| `refreshChanged` \| `boolean` \|/m])
    assert.match(page(), row);
});
