// A verifier that remembers the tokens that it has verified: what a hit costs.

import { child } from "./child.mjs";
import { payload } from "./keys.mjs";
import { versions } from "./report/document.mjs";
import { compared, table, timed } from "./report/figures.mjs";

const SIZE = 1_000;
/** Each caller gets lists and objects of its own, so claims that hold some cost more. */
const CLAIMS = {
  flat: { ...payload, roles: undefined },
  "with a list": payload,
  "with lists in objects": { ...payload, realm_access: { roles: payload.roles } },
};

export async function run(settings) {
  const rows = [];
  for (const algorithm of ["HS256", "RS256", "ES256"]) {
    for (const [what, claims] of Object.entries(CLAIMS)) {
      for (const count of [1, SIZE / 2]) {
        const asked = { algorithm, claims, count, size: SIZE, settings: settings.race };
        const { "tandem-jwt": ours, "fast-jwt": theirs } = child("seen-tokens-program.mjs", asked);
        rows.push([algorithm, what, count, timed(ours), compared(theirs, ours)]);
      }
    }
  }
  const head = ["", "claims", "tokens in turn", "tandem-jwt", "fast-jwt"];
  return {
    title: "Tokens seen before",
    text: `Microseconds for a token that the same verifier has verified: \`createVerifier(key, { cache: ${SIZE.toLocaleString("en")} })\` and the same of
${versions("fast-jwt")}, which gives every caller the same object. Claims and times are checked at each hit. Each row is a process
of its own.

${table(head, rows)}
`,
  };
}
