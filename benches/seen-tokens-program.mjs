// One case of seen-tokens.mjs, in a process of its own: a server's tokens have one shape.

import { createVerifier as fastVerifier } from "fast-jwt";
import { createSigner, createVerifier } from "tandem-jwt";

import { material } from "./keys.mjs";
import { race } from "./rounds.mjs";

const { algorithm, claims, count, size, settings } = JSON.parse(process.argv.at(-1));
const algorithms = [algorithm];
const { publicText, privateText } = material(algorithm);
const sign = createSigner(privateText, { algorithm, expiresIn: "1d" });
const tokens = Array.from({ length: count }, (_, at) => sign({ ...claims, at }));
const verifiers = {
  "tandem-jwt": createVerifier(publicText, { algorithms, cache: size }),
  "fast-jwt": fastVerifier({ key: publicText, algorithms, cache: size }),
};

/** Calls with one token after the other. Each is a text of its own, as it comes from a request. */
function inTurn(verify) {
  const copies = tokens.map((token) => Buffer.from(token).toString());
  for (const token of tokens) verify(token);
  let at = 0;
  return () => {
    at = at + 1 === copies.length ? 0 : at + 1;
    return verify(copies[at]);
  };
}

const calls = Object.entries(verifiers).map(([name, verify]) => [name, { call: inTurn(verify) }]);
console.log(JSON.stringify(await race(Object.fromEntries(calls), settings)));
