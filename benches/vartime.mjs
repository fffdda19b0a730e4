// Verification in wasm, of every size and curve: beside BigInt by hand, the curves of @noble/curves and the host, in Node, Bun,
// Chromium and workerd. Each takes a whole token; cold is the first call in a runtime of its own, where the wasm is loaded and
// the key is not read yet. Chromium and workerd have no host that verifies synchronously.
//
// `VARTIME_BEFORE=name` names an installed package of another state of this repository, which is measured beside this one.

import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { launch } from "../tests/browser/chromium.mjs";

const ROWS = [
  ["RS256, 2048 bits", "RS256", { modulusLength: 2048 }],
  ["RS256, 3072 bits", "RS256", { modulusLength: 3072 }],
  ["RS256, 4096 bits", "RS256", { modulusLength: 4096 }],
  ["ES256", "ES256", { namedCurve: "P-256" }],
  ["ES384", "ES384", { namedCurve: "P-384" }],
  ["ES512", "ES512", { namedCurve: "P-521" }],
  ["ES256K", "ES256K", { namedCurve: "secp256k1" }],
];

const root = fileURLToPath(new URL("..", import.meta.url));

/** What runs in every runtime: `calls(material)` has a call for each contender, and `measure` what they take. */
const inside = (ours, before) => `
import jwt, { setBackend } from ${JSON.stringify(ours)};
${before === undefined ? "const earlier = undefined;" : `import * as earlier from ${JSON.stringify(before)};`}
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const hex = (of) => Array.from(of, (byte) => byte.toString(16).padStart(2, "0")).join("");
const number = (of) => BigInt("0x" + hex(of));
const halves = (token) => [token.slice(0, token.lastIndexOf(".")), bytes(token.slice(token.lastIndexOf(".") + 1))];
const utf8 = new TextEncoder();
const curves = { ES256: p256, ES384: p384, ES512: p521, ES256K: secp256k1 };

function byBigInt({ token, jwk }) {
  const [input, signature] = halves(token);
  const [n, size] = [number(bytes(jwk.n)), bytes(jwk.n).length];
  let [power, square, e] = [1n, number(signature), number(bytes(jwk.e))];
  for (; e > 0n; e >>= 1n) {
    if (e & 1n) power = (power * square) % n;
    square = (square * square) % n;
  }
  const tail = "003031300d060960864801650304020105000420" + hex(sha256(utf8.encode(input)));
  return power === BigInt("0x01" + "ff".repeat(size - 2 - tail.length / 2) + tail);
}

function byNoble({ token, jwk, alg }) {
  const [input, signature] = halves(token);
  const key = Uint8Array.of(4, ...bytes(jwk.x), ...bytes(jwk.y));
  return curves[alg].verify(signature, utf8.encode(input), key, { lowS: false });
}

function verifies({ verify }, choose, backend) {
  return ({ token, pem, alg }) => {
    choose(backend);
    return verify(token, pem, { algorithms: [alg] }) !== undefined;
  };
}

function calls({ alg }) {
  const calls = { "tandem-jwt": verifies(jwt, setBackend, "wasm") };
  if (earlier !== undefined) calls.before = verifies(earlier, earlier.setBackend ?? (() => {}), "wasm");
  if (alg === "RS256") calls["BigInt by hand"] = byBigInt;
  else calls["@noble/curves"] = byNoble;
  if (globalThis.process?.versions?.node && !globalThis.window) calls.host = verifies(jwt, setBackend, "auto");
  return calls;
}

function repeated(call, material, count) {
  for (let i = 0; i < count; i++) if (!call(material)) throw new Error(material.alg + " does not verify");
}

/** Until the engine has compiled the loops for the last time. */
const WARM_UP_MS = 1500;

/** Microseconds a call: medians of rounds in which the contenders take turns. */
globalThis.warm = async (material, now) => {
  const contenders = Object.entries(calls(material)).map(([name, call]) => ({ name, call, count: 1, samples: [] }));
  for (const each of contenders) {
    const began = await now();
    for (let took = 0; took < 60 || (await now()) - began < WARM_UP_MS; each.count *= took < 60 ? 2 : 1) {
      const start = await now();
      repeated(each.call, material, each.count);
      took = (await now()) - start;
    }
  }
  for (let round = 0; round < 9; round++) {
    for (const { call, count, samples } of contenders) {
      const start = await now();
      repeated(call, material, count);
      samples.push((((await now()) - start) * 1000) / count);
    }
  }
  return Object.fromEntries(contenders.map(({ name, samples }) => [name, samples.sort((a, b) => a - b)[4]]));
};

/** Microseconds of the first call of one contender. */
globalThis.cold = async (material, name, now) => {
  const call = calls(material)[name];
  for (const { sign } of [jwt, earlier ?? jwt]) sign({}, "secret");
  const start = await now();
  repeated(call, material, 1);
  return ((await now()) - start) * 1000;
};
`;

const clocked = `
const now = () => performance.now();
globalThis.answer = ({ material, name }) => (name ? cold(material, name, now) : warm(material, now));
`;

const program = `
${clocked}
const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
globalThis.answer(asked).then((answer) => console.log(JSON.stringify(answer ?? null)));
`;

// The clock of a Worker stands still while it computes: it asks outside.
const worker = `
export default {
  async fetch(request, env) {
    const { material, name } = await request.json();
    const now = async () => Number(await (await env.CLOCK.fetch("http://clock")).text());
    for (let i = 0; i < 20; i++) await now();
    return Response.json((await (name ? cold(material, name, now) : warm(material, now))) ?? null);
  },
};
`;

function material([, alg, { modulusLength, namedCurve }]) {
  const kind = namedCurve === undefined ? "rsa" : "ec";
  const { privateKey, publicKey } = crypto.generateKeyPairSync(kind, { modulusLength, namedCurve });
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg, typ: "JWT" })}.${part({ sub: "ada", iat: 1 })}`;
  const hash = `sha${alg.slice(2, 5)}`;
  const signature = crypto.sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return {
    alg,
    token: `${input}.${signature.toString("base64url")}`,
    pem: publicKey.export({ type: "spki", format: "pem" }),
    jwk: publicKey.export({ format: "jwk" }),
  };
}

/** A bundle of what runs inside, for hosts that compile bytes or, in workerd, import the wasm compiled. */
async function bundle(tail, options) {
  const wasm = [];
  const { outputFiles } = await build({
    stdin: {
      // By its path: in Node the name leads to a copy that no bundle can hold.
      contents: inside(join(root, "pkg/dist/entries/index.js"), process.env.VARTIME_BEFORE) + tail,
      resolveDir: join(root, "benches"),
    },
    conditions: options.format === "esm" ? ["workerd"] : [],
    bundle: true,
    write: false,
    logLevel: "error",
    plugins: [
      {
        name: "compiled-wasm",
        setup: ({ onResolve }) =>
          onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
            const name = `wasm${wasm.length}.wasm`;
            wasm.push({ type: "CompiledWasm", path: name, contents: readFileSync(join(resolveDir, path)) });
            return { path: `./${name}`, external: true };
          }),
      },
    ],
    ...options,
  });
  return { text: outputFiles[0].text, wasm };
}

async function processes(folder, binary) {
  const { text } = await bundle(program, { platform: "node", format: "cjs" });
  const file = join(folder, "inside.cjs");
  writeFileSync(file, text);
  return async (asked) => JSON.parse(execFileSync(binary, [file], { input: JSON.stringify(asked), encoding: "utf8" }));
}

async function pages(browser) {
  const { text } = await bundle(clocked, { platform: "browser", format: "iife" });
  return async (asked) => {
    const page = await browser.newPage();
    await page.addScriptTag({ content: text });
    const answer = await page.evaluate((asked) => globalThis.answer(asked), asked);
    await page.close();
    return answer;
  };
}

async function workers() {
  const { text, wasm } = await bundle(worker, { platform: "neutral", format: "esm" });
  return async (asked) => {
    const mf = new Miniflare({
      cf: false,
      modules: [{ type: "ESModule", path: "worker.js", contents: text }, ...wasm],
      compatibilityDate: "2026-04-01",
      serviceBindings: {
        CLOCK: async () => new (await import("miniflare")).Response(String(performance.now())),
      },
    });
    try {
      const response = await mf.dispatchFetch("http://localhost/", { method: "POST", body: JSON.stringify(asked) });
      return await response.json();
    } finally {
      await mf.dispose();
    }
  };
}

export async function run() {
  const folder = mkdtempSync(join(root, "target/vartime-"));
  const browser = await launch();
  try {
    const bun = join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin/bun.exe");
    const hosts = {
      Node: await processes(folder, process.execPath),
      Bun: await processes(folder, bun),
      Chromium: await pages(browser),
      workerd: await workers(),
    };
    const parts = [];
    for (const [host, ask] of Object.entries(hosts)) {
      const lines = [];
      for (const row of ROWS) lines.push(`- ${await shown(row, ask)}`);
      parts.push(`${host}:\n\n${lines.join("\n")}`);
    }
    return {
      title: "Verification in wasm, where the host has no synchronous cryptography",
      text: `Microseconds warm, and in brackets cold (the median of 5). Ratios are to tandem-jwt.\n\n${parts.join("\n\n")}\n`,
    };
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

async function shown(row, ask) {
  const given = material(row);
  const warm = await ask({ material: given });
  const cells = [];
  for (const [name, us] of Object.entries(warm)) {
    const firsts = [];
    for (let i = 0; i < 5; i++) firsts.push(await ask({ material: given, name }));
    const ratio = name === "tandem-jwt" ? "" : ` ${(us / warm["tandem-jwt"]).toFixed(2)}x`;
    cells.push(`${name} ${us.toFixed(0)}${ratio} (${firsts.sort((a, b) => a - b)[2].toFixed(0)})`);
  }
  return `${row[0]}: ${cells.join(", ")}`;
}
