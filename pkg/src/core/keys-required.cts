// The wasm of keys for `require`, at its first use: from its file, which is read in a tenth of the time that its text takes.

import base64 = require("./base64.js");

declare const require: (path: "./generated/keys/bytes.js") => typeof import("./generated/keys/bytes.js");
declare const __dirname: string;

interface Process {
  readonly versions: { readonly deno?: string };
  getBuiltinModule(name: "node:fs"): { readFileSync(path: string): Uint8Array<ArrayBuffer> };
}

/** Compiles the wasm. */
export function loadModule(): WebAssembly.Module {
  return new WebAssembly.Module(fileBeside() ?? base64.decodeBase64(require("./generated/keys/bytes.js").bytes));
}

/** Undefined where there is no such file, as in a bundle, or none may be read. Deno would ask its user for leave. */
function fileBeside(): Uint8Array<ArrayBuffer> | undefined {
  try {
    // A bundler that finds the bare name brings a polyfill along.
    const { process } = globalThis as unknown as { process: Process };
    if (process.versions.deno !== undefined) return undefined;
    return process.getBuiltinModule("node:fs").readFileSync(`${__dirname}/../../keys.wasm`);
  } catch {
    return undefined;
  }
}
