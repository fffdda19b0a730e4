// RSA by the size of its key.

import { comparisons } from "./calls.mjs";
import * as jose from "./contenders/jose.mjs";
import { fastJwt, jsonwebtoken } from "./contenders/synchronous.mjs";
import * as tandem from "./contenders/tandem.mjs";
import { material } from "./keys.mjs";
import { measure } from "./measure.mjs";
import { compared, table, timed } from "./report/figures.mjs";

const PEERS = [jsonwebtoken, fastJwt, jose];
const FORMS = ["text", "prepared", "KeyObject", "CryptoKey"];

export async function run(settings) {
  const lines = [];
  for (const algorithm of settings.rsa.algorithms) {
    for (const bits of settings.rsa.sizes) {
      const { rows } = await measure(material(algorithm, bits), [tandem, ...PEERS], settings.race, ({ key }) =>
        FORMS.includes(key),
      );
      lines.push(...linesOf(rows, bits));
      console.error(`  ${algorithm} with ${bits} bits measured`);
    }
  }
  const head = ["", "bits", "call", "key", tandem.name, ...PEERS.map(({ name }) => name), "in wasm"];
  return { title: "Sizes of RSA keys", text: `Microseconds; keys are as above.\n\n${table(head, lines)}\n` };
}

function linesOf(rows, bits) {
  return rows
    .filter(
      ({ who, mode, key }) => who === tandem.name && (mode === "sync" ? key !== "KeyObject" : key === "CryptoKey"),
    )
    .map((row) => {
      const others = rows.filter(({ who }) => who !== tandem.name);
      const peers = comparisons(
        [row, ...others],
        PEERS.map(({ name }) => name),
      );
      const inWasm = others.find(
        ({ who, op, key }) => who === tandem.IN_WASM && op === row.op && key === row.key && row.mode === "sync",
      );
      return [
        row.algorithm,
        bits,
        row.mode === "sync" ? row.op : `${row.op}Async, ${row.mode}`,
        row.key,
        timed(row.samples),
        ...peers.map(({ peer }) => compared(peer, row.samples)),
        inWasm && timed(inWasm.samples),
      ];
    });
}
