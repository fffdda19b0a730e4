// The wasm that every entry needs, for `require`. The embedded copy is loaded only if the file cannot be read.

import required = require("./required.cjs");

declare const require: (path: "./generated/core/bytes.js") => typeof import("./generated/core/bytes.js");

/** Compiles the wasm. */
export function loadModule(): WebAssembly.Module {
  return required.compile("core.wasm", () => require("./generated/core/bytes.js").bytes);
}
