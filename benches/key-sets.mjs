// What a large key set costs: the token's `kid` is that of its last key.

import { generateKeyPairSync } from "node:crypto";

import { verifyWithJwks } from "hono/jwt";
import { createLocalJWKSet, jwtVerify } from "jose";
import { createVerifier, sign, verify, verifyAsync } from "tandem-jwt";
import { localKeys } from "tandem-jwt/jwks";

import { lines } from "./report/charts.mjs";
import { figure, table } from "./report/figures.mjs";
import { median, race } from "./rounds.mjs";

const algorithm = "ES256";
const options = { algorithms: [algorithm] };

export async function run(settings) {
  const all = Array.from({ length: Math.max(...settings.setSizes) }, (_, at) => keyPair(`key ${at}`));
  const curves = new Map();
  const refusals = [];
  for (const size of settings.setSizes) {
    const pairs = all.slice(0, size);
    const token = sign({ sub: "ada" }, pairs.at(-1).privateKey, { algorithm, keyid: pairs.at(-1).jwk.kid });
    const contenders = {};
    for (const [name, make] of Object.entries(waysWith({ keys: pairs.map(({ jwk }) => jwk) }))) {
      try {
        const call = make(token);
        if ((await call()).sub !== "ada") throw new Error("not the claims");
        contenders[name] = { call };
      } catch (error) {
        refusals.push(`${name} with ${size.toLocaleString("en")} keys: ${error.message}`);
      }
    }
    for (const [name, samples] of Object.entries(await race(contenders, settings.race)))
      curves.set(name, new Map([...(curves.get(name) ?? []), [size, median(samples)]]));
    console.error(`  ${size} keys measured`);
  }
  const rows = [...curves].map(([name, times]) => [name, ...settings.setSizes.map((size) => figure(times.get(size)))]);
  const refused = refusals.length === 0 ? "" : `\nRefused: ${refusals.join("; ")}.\n`;
  return {
    title: "Size of the key set",
    text: `Microseconds to verify ES256, one after another, by the number of keys in the set.

${table(["", ...settings.setSizes.map((size) => size.toLocaleString("en"))], rows)}
${refused}`,
    charts: {
      "key-sets": lines("ES256 verify by the number of keys in the set", {
        x: "keys",
        y: "microseconds",
        series: [...curves].map(([name, times]) => ({ name, points: [...times] })),
      }),
    },
  };
}

function keyPair(kid) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, alg: algorithm, use: "sig" } };
}

/** Ways to verify with a set, ours first: from the set to a function of the token to the call. */
const waysWith = (set) => ({
  "tandem-jwt, verify": (token) => () => verify(token, set, options),
  "tandem-jwt, createVerifier": (token) => {
    const prepared = createVerifier(set, options);
    return () => prepared(token);
  },
  "tandem-jwt, localKeys": (token) => {
    const keys = localKeys(set);
    return () => verifyAsync(token, keys, options);
  },
  "jose, createLocalJWKSet": (token) => {
    const keys = createLocalJWKSet(set);
    return async () => (await jwtVerify(token, keys, options)).payload;
  },
  "hono/jwt, verifyWithJwks": (token) => () =>
    verifyWithJwks(token, { keys: set.keys, allowedAlgorithms: [algorithm] }),
});
