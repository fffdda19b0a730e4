// Ed25519 in Node, Bun and Deno: each host and the wasm agree on every odd key and signature.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { bun, DENO_RUN, deno } from "../other-runtimes.mjs";

const program = fileURLToPath(new URL("./ed25519-points.mjs", import.meta.url));
const HOSTS = {
  Node: [process.execPath],
  Bun: [bun],
  Deno: [deno, ...DENO_RUN],
};

for (const [name, [file, ...words]] of Object.entries(HOSTS)) {
  test(`${name} and the wasm judge signatures of Ed25519 alike`, async () => {
    const { stdout } = await promisify(execFile)(file, [...words, program], { timeout: 120_000 });
    const { cases, taken, differences } = JSON.parse(stdout);
    assert.deepEqual(differences, []);
    // A program that took or refused everything would agree with itself.
    assert.ok(cases > 5_000 && taken.wasm > 100 && taken.wasm < cases / 2, stdout);
  });
}
