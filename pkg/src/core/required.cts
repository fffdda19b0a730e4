// The wasm for `require`: from its file, which takes a tenth of the time of decoding the embedded text.

import base64 = require("./base64.js");

declare const __dirname: string;

interface Process {
  readonly versions: { readonly deno?: string };
  getBuiltinModule(name: "node:fs"): { readFileSync(path: string): Uint8Array<ArrayBuffer> };
}

/** Compiles the wasm from its file in `dist`, or else from the embedded text. */
export function compile(file: string, text: () => string): WebAssembly.Module {
  return fromFile(file) ?? new WebAssembly.Module(base64.decodeBase64(text()));
}

/** Undefined if the file cannot be read or compiled. */
function fromFile(file: string): WebAssembly.Module | undefined {
  try {
    // In a bundle `__dirname` is the bundle's folder, and a nearby file of that name may be anybody's.
    if (!/[\\/]dist[\\/]cjs[\\/]core$/.test(__dirname)) return undefined;
    // A bundler that sees the bare name adds a polyfill.
    const { process } = globalThis as unknown as { process: Process };
    // Deno would prompt its user for permission.
    if (process.versions.deno !== undefined) return undefined;
    return new WebAssembly.Module(process.getBuiltinModule("node:fs").readFileSync(`${__dirname}/../../${file}`));
  } catch {
    return undefined;
  }
}
