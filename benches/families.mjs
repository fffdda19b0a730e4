// What each family of algorithms adds to the wasm: one build for each, made by `cargo xtask bench families`.

import { readFileSync } from "node:fs";

import { weight } from "./size.mjs";

const weigh = (name) => weight(readFileSync(new URL(`../target/families/${name}/tandem.wasm`, import.meta.url)));

/** What is built, what of it is new, and what that stands on. */
const rows = [
  ["HMAC and the session machine", "hmac"],
  ["key formats: PEM, DER, JWK, encrypted keys", "keys", "hmac"],
  ["RS256/384/512, PS256/384/512", "rsa", "keys"],
  ["ES256, ES384, ES512", "ecdsa", "keys"],
  ["EdDSA, Ed25519", "eddsa", "keys"],
  ["ES256K", "secp256k1", "keys"],
  ["ML-DSA-44/65/87", "mldsa", "keys"],
  ["everything", "full"],
];

export async function run() {
  console.log("\nwasm by family, in KB");
  console.log(`  ${"".padEnd(44)} ${["raw", "gzip", "brotli"].map((how) => how.padStart(8)).join("")}`);
  for (const [title, name, base] of rows) {
    const whole = weigh(name);
    const under = base ? weigh(base) : { raw: 0, gzip: 0, brotli: 0 };
    const cells = Object.keys(whole).map((how) =>
      `${base ? "+" : ""}${((whole[how] - under[how]) / 1000).toFixed(0)}`.padStart(8),
    );
    console.log(`  ${title.padEnd(44)} ${cells.join("")}`);
  }
}
