// Workers compile no bytes inside a request: the runtime hands over a compiled module.

import module from "../keys.wasm";

/** The wasm, compiled. */
export function loadModule(): WebAssembly.Module {
  return module;
}
