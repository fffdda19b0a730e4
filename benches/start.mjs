// A whole process, from its start to its end: require or import, and the first RS256 verification.

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { nodes } from "./inside/hosts.mjs";
import { material } from "./keys.mjs";
import { compared, table, timed } from "./report/figures.mjs";

const require = createRequire(import.meta.url);
const KEY_AND_TOKEN = "const [key, token] = process.argv.slice(-2);";
const options = '{ algorithms: ["RS256"] }';

const required = (name) => JSON.stringify(require.resolve(name));
const imported = (name) => JSON.stringify(pathToFileURL(new URL(import.meta.resolve(name)).pathname).href);

/** What each process runs. */
const PROGRAMS = {
  "tandem-jwt, require": `${KEY_AND_TOKEN} done(require(${required("tandem-jwt")}).verify(token, key, ${options}));`,
  "tandem-jwt, import": `${KEY_AND_TOKEN} import(${imported("tandem-jwt")}).then((jwt) => done(jwt.verify(token, key, ${options})));`,
  "jsonwebtoken, require": `${KEY_AND_TOKEN} done(require(${required("jsonwebtoken")}).verify(token, key, ${options}));`,
  "fast-jwt, require": `${KEY_AND_TOKEN} done(require(${required("fast-jwt")}).createVerifier({ key, algorithms: ["RS256"] })(token));`,
  "jose, import": `${KEY_AND_TOKEN} import(${imported("jose")}).then(async (jose) =>
    done((await jose.jwtVerify(token, await jose.importSPKI(key, "RS256"), ${options})).payload));`,
  "nothing at all": "done({ sub: '248289761001' });",
};
const DONE = "const done = ({ sub }) => { if (sub !== '248289761001') process.exit(1); };";

export async function run(settings) {
  const { publicText, token } = material("RS256");
  const names = Object.keys(PROGRAMS);
  const columns = [];
  for (const [version, node] of nodes(settings)) {
    const samples = Object.fromEntries(names.map((name) => [name, []]));
    for (let at = -1; at < settings.starts; at++) {
      for (const name of names) {
        const took = timeOf(node, PROGRAMS[name], publicText, token);
        // The first of each has to read its files from the disk.
        if (at >= 0) samples[name].push(took);
      }
    }
    columns.push([version, samples]);
    console.error(`  ${version} measured`);
  }
  const lines = names.map((name) => [
    name,
    ...columns.flatMap(([, samples]) => [timed(samples[name]), compared(samples[name], samples[names[0]])]),
  ]);
  const head = ["", ...columns.flatMap(([version]) => [version, "ratio"])];
  return {
    title: "Cold start",
    text: `Milliseconds from start to end of a process that loads the package and verifies one RS256 token with a PEM. The processes
take turns.\n\n${table(head, lines)}\n`,
  };
}

function timeOf(node, program, key, token) {
  const began = performance.now();
  // "--" also ends what Node would read as its own options.
  execFileSync(node, ["--eval", `${DONE} ${program}`, "--", key, token], { stdio: ["ignore", "ignore", "inherit"] });
  return performance.now() - began;
}
