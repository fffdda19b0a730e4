// Compiling ahead of the first call. In a file of its own, so that the types of the package need no `lib` of browsers.

import { isLive, startWith } from "./instance.js";

/** A compiled module of any realm, or the bytes of one. */
export type WasmSource = ArrayBuffer | ArrayBufferView | object;

/** Compiles ahead of the first call, off the main thread where the host can. Later calls do nothing. */
export async function init(source: WasmSource): Promise<void> {
  if (isLive()) return;
  // By tag: the module may be of another realm.
  const isModule = Object.prototype.toString.call(source) === "[object WebAssembly.Module]";
  startWith(isModule ? (source as WebAssembly.Module) : await WebAssembly.compile(source as BufferSource));
}
