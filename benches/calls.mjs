// Every algorithm, signed and verified with every form of a key, against every peer that knows it.

import * as hono from "./contenders/hono.mjs";
import * as jose from "./contenders/jose.mjs";
import { fastJwt, jsonwebtoken } from "./contenders/synchronous.mjs";
import * as tandem from "./contenders/tandem.mjs";
import * as workerJwt from "./contenders/worker-jwt.mjs";
import { material } from "./keys.mjs";
import { measure } from "./measure.mjs";
import { bars } from "./report/charts.mjs";
import { folded, versions } from "./report/document.mjs";
import { compared, isFaster, table, timed } from "./report/figures.mjs";
import { ratio } from "./rounds.mjs";

const PEERS = [tandem, jsonwebtoken, fastJwt, jose, hono, workerJwt];
const ASYNC = [jose, hono, workerJwt].map(({ name }) => name);
const VERSIONS = versions("jsonwebtoken", "fast-jwt", "jose", "hono", "@tsndr/cloudflare-worker-jwt");

const EXPLAINED = `The payload is 206 bytes of JSON. Peers: ${VERSIONS}.
A key is text (PEM, or a secret), a KeyObject, a prepared function (\`createVerifier\`, \`createSigner\`), a JWK, a CryptoKey, or
the second of two keys in a set (\`localKeys\` and \`createLocalJWKSet\` in awaited calls). jsonwebtoken takes no JWK and no set:
those rows are compared with its PEM text, and prepared functions with its KeyObject. fast-jwt has only prepared functions.
"In wasm" is \`setBackend("wasm")\`, which is what hosts without synchronous cryptography have. Microseconds are for one call, also
with 50 at once.
`;

export async function run(settings) {
  const all = [];
  for (const algorithm of settings.algorithms) {
    const { rows } = await measure(material(algorithm), PEERS, settings.race);
    all.push(...rows);
    console.error(`  ${algorithm} measured`);
  }
  const text = [EXPLAINED, slowerOf(all)];
  for (const op of ["verify", "sign"]) {
    const rows = all.filter((row) => row.op === op);
    text.push(folded(`${op}, synchronously, microseconds`, syncTable(rows)));
    for (const mode of ["in sequence", "50 at once"])
      text.push(folded(`${op}Async, ${mode}, microseconds`, asyncTable(rows, mode)));
  }
  return { title: "Algorithms and keys", text: text.join("\n"), charts: { calls: chart(settings.algorithms, all) } };
}

/** The samples of one row. */
function finder(rows) {
  const found = new Map(rows.map((row) => [nameOf(row), row.samples]));
  return (row) => found.get(nameOf(row));
}
const nameOf = ({ algorithm, bits, op, mode, key, who }) => JSON.stringify([algorithm, bits, op, mode, key, who]);

/** The form of a peer's key that is compared with a form of ours. */
function counterpart(who, key) {
  if (who === jsonwebtoken.name) return { text: "text", JWK: "text", JWKS: "text" }[key] ?? "KeyObject";
  if (who === fastJwt.name) return { prepared: "prepared", KeyObject: "prepared" }[key];
  return key === "KeyObject" ? "CryptoKey" : key;
}

/** The peers of each row of ours, as `{ row, who, peer }`. */
export function comparisons(rows, names) {
  const find = finder(rows);
  return rows
    .filter((row) => row.who === tandem.name)
    .flatMap((row) => names.map((who) => ({ row, who, peer: find({ ...row, who, key: counterpart(who, row.key) }) })));
}

function tableOf(rows, names, more = []) {
  const lines = rows
    .filter((row) => row.who === tandem.name)
    .map((row) => {
      const peers = comparisons([row, ...rows.filter(({ who }) => who !== tandem.name)], names);
      return [
        row.algorithm,
        row.key,
        timed(row.samples),
        ...peers.map(({ peer }) => compared(peer, row.samples)),
        ...more.map(({ of }) => of(row)),
      ];
    });
  return table(["", "key", tandem.name, ...names, ...more.map(({ title }) => title)], lines);
}

function syncTable(rows) {
  const find = finder(rows);
  const inWasm = (row) => {
    const samples = row.key === "prepared" ? find({ ...row, who: tandem.IN_WASM }) : undefined;
    return samples && timed(samples);
  };
  const synchronous = rows.filter(({ mode }) => mode === "sync");
  return tableOf(synchronous, [jsonwebtoken.name, fastJwt.name], [{ title: "in wasm", of: inWasm }]);
}

const asyncTable = (rows, mode) =>
  tableOf(
    rows.filter((row) => row.mode === mode),
    ASYNC,
  );

/** Where a peer is faster, in words: nobody should have to search for it. */
function slowerOf(rows) {
  const faster = comparisons(rows, [jsonwebtoken.name, fastJwt.name, ...ASYNC]).flatMap(({ row, who, peer }) => {
    const counts = peer !== undefined && isFaster(peer, row.samples);
    return counts ? [{ ...row, than: who, times: ratio(peer, row.samples) }] : [];
  });
  if (faster.length === 0) return "No peer is faster in any row.\n";
  const groups = new Map();
  for (const row of faster) {
    const call = `${row.op}${row.mode === "sync" ? ", synchronously" : `Async, ${row.mode}`}`;
    const group = JSON.stringify([call, row.key, row.than]);
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  const lines = [...groups].map(([group, rowsOf]) => {
    const times = rowsOf.map((row) => row.times);
    const range = [...new Set([Math.min(...times).toFixed(2), Math.max(...times).toFixed(2)])].join(" to ");
    return [...JSON.parse(group), range, rowsOf.map(({ algorithm }) => algorithm).join(", ")];
  });
  const sorted = lines.toSorted((one, other) => `${one[0]} ${one[1]}`.localeCompare(`${other[0]} ${other[1]}`));
  return `A peer is faster here:\n\n${table(["call", "key", "peer", "ratio", "algorithms"], sorted)}\n`;
}

/** The best synchronous peer, and jose, for each algorithm that one of them knows. */
function chart(algorithms, rows) {
  const best = (algorithm, op, mode, names) => {
    const times = comparisons(rows, names)
      .filter(({ row }) => row.algorithm === algorithm && row.op === op && row.mode === mode)
      .filter(({ row }) => row.key === "prepared" || row.key === "CryptoKey")
      .flatMap(({ row, peer }) => (peer === undefined ? [] : [ratio(peer, row.samples)]));
    return times.length === 0 ? undefined : Math.min(...times);
  };
  const synchronous = [jsonwebtoken.name, fastJwt.name];
  const groups = algorithms.map((name) => ({
    name,
    values: [
      best(name, "verify", "sync", synchronous),
      best(name, "sign", "sync", synchronous),
      best(name, "verify", "50 at once", [jose.name]),
      best(name, "sign", "50 at once", [jose.name]),
    ],
  }));
  return bars("Prepared keys: how many times as long the best peer takes", {
    x: "right of 1: tandem-jwt is faster",
    series: ["verify, best sync peer", "sign, best sync peer", "verify 50 at once, jose", "sign 50 at once, jose"],
    groups: groups.filter(({ values }) => values.some((value) => value !== undefined)),
  });
}
