// The wasm for `require`: from its file, which takes a tenth of the time of decoding the embedded text.

import base64 = require("./base64.js");

declare const __dirname: string;

interface Process {
  readonly versions: { readonly deno?: string };
  getBuiltinModule(name: "node:fs"): { readFileSync(path: string): Uint8Array<ArrayBuffer> };
}

/** Compiles the wasm from a file next to the package's folders, or else from the embedded text. */
export function compile(file: string, text: () => string): WebAssembly.Module {
  return new WebAssembly.Module(contents(file) ?? base64.decodeBase64(text()));
}

/**
 * Undefined if the file does not exist, as in a bundle, or may not be read. Deno would prompt its user for permission.
 */
function contents(file: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    // A bundler that sees the bare name adds a polyfill.
    const { process } = globalThis as unknown as { process: Process };
    if (process.versions.deno !== undefined) return undefined;
    return process.getBuiltinModule("node:fs").readFileSync(`${__dirname}/../../${file}`);
  } catch {
    return undefined;
  }
}
