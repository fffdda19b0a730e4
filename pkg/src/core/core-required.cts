// The wasm that everybody needs, for `require`. Its text is loaded only where its file cannot be read.

import required = require("./required.cjs");

declare const require: (path: "./generated/core/bytes.js") => typeof import("./generated/core/bytes.js");

/** Compiles the wasm. */
export function loadModule(): WebAssembly.Module {
  return required.compile("core.wasm", () => require("./generated/core/bytes.js").bytes);
}
