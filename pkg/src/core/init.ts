// Compiling ahead of the first call.

import { core } from "./core.js";
import type { Instance } from "./instance.js";
import type { Init, WasmSource, WasmSources } from "./wasm-source.js";

/** Makes `init` for an entry, which may have no `keys`. */
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
  // By tag: the module may be of another realm.
  const isModule = Object.prototype.toString.call(source) === "[object WebAssembly.Module]";
  instance.startWith(isModule ? (source as WebAssembly.Module) : await WebAssembly.compile(source as BufferSource));
}
