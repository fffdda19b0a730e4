// Runs the program of every cell through each form that was compiled, and prints how many forms passed.

import { check, checkBoth, checkSessions } from "./check.mjs";

const same = (actual, expected, what) => {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value));
  if (one !== other) throw new Error(`${what}: ${one} is not ${other}`);
};

/** Each of the compiled programs: one, or where .cts and .mts stand side by side, both. */
export async function run(rsa, ...programs) {
  const all = [];
  for (const { forms, uses, subpaths } of programs) {
    const given = {
      ...forms.forms,
      awaited: await forms.awaited(),
      "export *": forms,
      "export * as": forms.jsonwebtoken,
    };
    all.push(...Object.entries(given));
    same(forms.verifyAgain === forms.verify, true, "export { as }");
    same(forms.values, ["acme", "ada", 5, 3610], "values");
    const refused = new forms.Refused();
    const is = [forms.Refused, forms.jsonwebtoken.TokenExpiredError, Error].map((type) => refused instanceof type);
    same([refused.message, refused.status, ...is], ["refused", 401, true, true, true], "extended");
    same(await uses.uses(), ["ada", "ada", "ada", "ada", "k1"], "uses");
    same(await checkSessions(subpaths.session), 6, "sessions");
    same(
      [subpaths.expired, typeof subpaths.handler, Math.min(...subpaths.others) > 0],
      [true, "function", true],
      "entries",
    );
    check(forms.jsonwebtoken, rsa);
  }
  const [, first] = all[0];
  for (const [name, form] of all) same([name, checkBoth(first, form)], [name, 6], name);
  console.log(all.length);
}
