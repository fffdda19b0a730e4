// The one live wasm instance: made at the first call, replaced after a trap.

import { type TandemError, tandemError } from "./errors.js";
import * as glue from "./generated/tandem.js";

/** The functions that the wasm exports. */
export type Core = typeof glue;

let load: (() => WebAssembly.Module) | undefined;
let memory: WebAssembly.Memory | undefined;
let instances = 0;

/** Tells where the wasm comes from. The entries for each host call it; the first one stays. */
export function provide(loader: () => WebAssembly.Module): void {
  load ??= loader;
}

/** The live instance. Compiles and instantiates at the first call, synchronously; never at import. */
export function core(): Core {
  if (memory === undefined) start();
  return glue;
}

/** Compiles ahead of the first call, off the main thread where the host can. Later calls do nothing. */
export async function init(source: BufferSource | WebAssembly.Module): Promise<void> {
  if (memory !== undefined) return;
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
  load = () => module;
  core();
}

/** The memory of the live instance. Its buffer is another one after each growth. */
export function linearMemory(): WebAssembly.Memory {
  if (memory === undefined) start();
  return memory as WebAssembly.Memory;
}

/** How many instances there have been; a key made by an earlier one is gone. */
export function generation(): number {
  return instances;
}

function start(): void {
  if (load === undefined) throw unavailable("no entry of the package was imported");
  try {
    memory = glue.initSync({ module: load() }).memory;
  } catch (cause) {
    throw unavailable("this host refuses to compile WebAssembly here", cause);
  }
  instances += 1;
}

/**
 * Replaces the instance after a trap and returns the error to throw.
 *
 * A trapped instance may hold half-written state, so it must not be called again. What is no trap comes back as it is.
 */
export function recover(cause: unknown): unknown {
  if (!(cause instanceof WebAssembly.RuntimeError)) return cause;
  glue.__wbg_reset_state();
  memory = glue.initSync({ module: load!() }).memory;
  instances += 1;
  return tandemError(
    "ERR_WASM_TRAP",
    "the wasm instance failed and was replaced; nothing was signed or verified",
    cause,
  );
}

function unavailable(what: string, cause?: unknown): TandemError {
  const cure = "Chromium up to 114 needs `await init()` first; a content security policy needs 'wasm-unsafe-eval'";
  return tandemError("ERR_WASM_UNAVAILABLE", `WebAssembly is not available: ${what}. ${cure}`, cause);
}
