// The wasm for key pairs, for `require`. The embedded copy is loaded only if the file cannot be read.

import required = require("./required.cjs");

declare const require: (path: "./generated/keys/bytes.js") => typeof import("./generated/keys/bytes.js");

/** Compiles the wasm. */
export function loadModule(): WebAssembly.Module {
  return required.compile("keys.wasm", () => require("./generated/keys/bytes.js").bytes);
}
