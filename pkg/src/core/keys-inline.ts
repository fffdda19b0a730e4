// The wasm for hosts that can neither import nor read it synchronously: it travels inside a module.

import { decodeBase64 } from "./base64.js";
import { bytes } from "./generated/keys/bytes.js";

/** Compiles the wasm. */
export function loadModule(): WebAssembly.Module {
  return new WebAssembly.Module(decodeBase64(bytes));
}
