// Compiles the wasm ahead of the first call.

import { core } from "./core.js";
import type { Instance } from "./instance.js";
import type { Init, WasmSource, WasmSources } from "./wasm-source.js";

/** Creates `init` for an entry, which may lack `keys`. */
export function makeInit(keys?: Instance): Init {
  return async function init(source) {
    const { core: coreSource, keys: keysSource } = isBoth(source) ? source : { core: source, keys: undefined };
    await start(core, coreSource);
    if (keys && keysSource) await start(keys, keysSource);
  };
}

function isBoth(source: WasmSource | WasmSources): source is WasmSources {
  return "core" in source;
}

async function start(instance: Instance, source: WasmSource): Promise<void> {
  if (instance.isLive()) return;
  // Checked by tag: the module may come from another realm.
  const isModule = Object.prototype.toString.call(source) === "[object WebAssembly.Module]";
  instance.startWith(isModule ? (source as WebAssembly.Module) : await WebAssembly.compile(source as BufferSource));
}
