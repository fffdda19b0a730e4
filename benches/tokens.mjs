// What a large token costs.

import { createPrivateKey, createPublicKey, createSecretKey } from "node:crypto";

import { createSigner as fastSigner, createVerifier as fastVerifier } from "fast-jwt";
import { jwtVerify } from "jose";
import original from "jsonwebtoken";
import { createSigner, createVerifier, verify } from "tandem-jwt";

import { isSecret } from "./contenders/web-keys.mjs";
import { material, payload } from "./keys.mjs";
import { lines } from "./report/charts.mjs";
import { compared, table, timed } from "./report/figures.mjs";
import { median, race } from "./rounds.mjs";

const CASES = [
  ["HS256", "verify"],
  ["HS256", "sign"],
  ["RS256", "verify"],
];

export async function run(settings) {
  const rows = [];
  const curves = new Map();
  for (const [algorithm, op] of CASES) {
    const keys = material(algorithm);
    for (const kilobytes of settings.tokenKilobytes) {
      const { call, length } = callsFor(algorithm, op, keys, kilobytes * 1024);
      const samples = await race(call, settings.race);
      const ours = samples["tandem-jwt"];
      const peers = ["jsonwebtoken", "fast-jwt", "jose"].map((peer) => compared(samples[peer], ours));
      rows.push([`${algorithm} ${op}`, length.toLocaleString("en"), timed(ours), ...peers]);
      for (const [who, times] of Object.entries(samples)) {
        if (algorithm !== "HS256" || op !== "verify") continue;
        const curve = curves.get(who) ?? [];
        curves.set(who, [...curve, [length, median(times)]]);
      }
    }
    console.error(`  ${algorithm} ${op} measured`);
  }
  const head = ["", "characters", "tandem-jwt", "jsonwebtoken, KeyObject", "fast-jwt", "jose, in sequence"];
  return {
    title: "Size of the token",
    text: `Microseconds with prepared keys; the payload is text in an array of claims.\n\n${table(head, rows)}\n`,
    charts: {
      tokens: lines("HS256 verify by the size of the token", {
        x: "characters of the token",
        y: "microseconds",
        series: [...curves].map(([name, points]) => ({ name, points })),
      }),
    },
  };
}

function callsFor(algorithm, op, { publicText, privateText }, size) {
  const claims = claimsOf(algorithm, size, privateText);
  const sign = createSigner(privateText, { algorithm, expiresIn: "1d" });
  const token = sign(claims);
  if (verify(token, publicText, { algorithms: [algorithm] }).sub !== claims.sub) throw new Error("not the same claims");
  return { length: token.length, call: op === "sign" ? signing() : verifying() };

  function signing() {
    const key = isSecret(algorithm) ? createSecretKey(privateText, "utf8") : createPrivateKey(privateText);
    const fast = fastSigner({ key: privateText, algorithm, expiresIn: 86_400_000 });
    return {
      "tandem-jwt": { call: () => sign(claims) },
      jsonwebtoken: { call: () => original.sign(claims, key, { algorithm, expiresIn: "1d" }) },
      "fast-jwt": { call: () => fast(claims) },
    };
  }

  function verifying() {
    const algorithms = [algorithm];
    const key = isSecret(algorithm) ? createSecretKey(publicText, "utf8") : createPublicKey(publicText);
    const [own, fast] = [
      createVerifier(publicText, { algorithms }),
      fastVerifier({ key: publicText, algorithms, cache: false }),
    ];
    return {
      "tandem-jwt": { call: () => own(token) },
      jsonwebtoken: { call: () => original.verify(token, key, { algorithms }) },
      "fast-jwt": { call: () => fast(token) },
      jose: { call: () => jwtVerify(token, key, { algorithms }) },
    };
  }
}

/** Claims whose token has about so many characters; the smallest has only a subject. */
function claimsOf(algorithm, size, key) {
  const least = { sub: payload.sub };
  const missing = size - createSigner(key, { algorithm, expiresIn: "1d" })(least).length;
  if (missing < 60) return least;
  const groups = Array.from(
    { length: Math.ceil((missing * 0.75) / 24) },
    (_, at) => `group ${String(at).padStart(15)}`,
  );
  return { ...least, groups };
}
