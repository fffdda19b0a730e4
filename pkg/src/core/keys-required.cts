// The wasm of keys for `require`: its text is longer than all the rest of the package, and is read at the first use.

import base64 = require("./base64.js");

declare const require: (path: "./generated/keys/bytes.js") => typeof import("./generated/keys/bytes.js");

/** Compiles the wasm. */
export function loadModule(): WebAssembly.Module {
  return new WebAssembly.Module(base64.decodeBase64(require("./generated/keys/bytes.js").bytes));
}
