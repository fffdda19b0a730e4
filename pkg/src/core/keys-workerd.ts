// Workers cannot compile wasm from bytes inside a request: the runtime provides a compiled module.

import module from "../keys.wasm";

/** The wasm, compiled. */
export function loadModule(): WebAssembly.Module {
  return module;
}
