// A verifier that remembers the tokens that it has verified: what a hit costs.

import { createVerifier as fastVerifier } from "fast-jwt";
import { createSigner, createVerifier } from "tandem-jwt";

import { material, payload } from "./keys.mjs";
import { versions } from "./report/document.mjs";
import { compared, table, timed } from "./report/figures.mjs";
import { race } from "./rounds.mjs";

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
    const { publicText, privateText } = material(algorithm);
    for (const [what, claims] of Object.entries(CLAIMS)) {
      for (const count of [1, SIZE / 2]) {
        const sign = createSigner(privateText, { algorithm, expiresIn: "1d" });
        const tokens = Array.from({ length: count }, (_, at) => sign({ ...claims, at }));
        const samples = await race(callsFor(algorithm, publicText, tokens), settings.race);
        const [ours, theirs] = [samples["tandem-jwt"], samples["fast-jwt"]];
        rows.push([algorithm, what, count, timed(ours), compared(theirs, ours)]);
      }
    }
  }
  const head = ["", "claims", "tokens in turn", "tandem-jwt", "fast-jwt"];
  return {
    title: "Tokens seen before",
    text: `Microseconds for a token that the same verifier has verified: \`createVerifier(key, { cache: ${SIZE.toLocaleString("en")} })\` beside the same of
${versions("fast-jwt")}, which hands every caller the same object. Claims and times are checked at each hit.

${table(head, rows)}
`,
  };
}

function callsFor(algorithm, publicText, tokens) {
  const algorithms = [algorithm];
  const verifiers = {
    "tandem-jwt": createVerifier(publicText, { algorithms, cache: SIZE }),
    "fast-jwt": fastVerifier({ key: publicText, algorithms, cache: SIZE }),
  };
  return Object.fromEntries(
    Object.entries(verifiers).map(([name, verify]) => [name, { call: inTurn(verify, tokens) }]),
  );
}

/** Calls with one token after the other. Each is a text of its own, as it comes from a request. */
function inTurn(verify, tokens) {
  const copies = tokens.map((token) => Buffer.from(token).toString());
  for (const token of tokens) verify(token);
  let at = 0;
  return () => {
    at = at + 1 === copies.length ? 0 : at + 1;
    return verify(copies[at]);
  };
}
