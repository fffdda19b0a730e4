// The one live wasm instance: made at the first call, replaced after a trap.

// By value and by condition: package.json says which file this is in which host.
import { loadModule } from "#wasm";
import { type TandemError, tandemError } from "./errors.js";
import * as glue from "./generated/tandem.js";

/** The functions that the wasm exports. */
export type Core = typeof glue;

let load = loadModule;
let memory: WebAssembly.Memory | undefined;
let isTainted = false;
let instances = 1;

/**
 * Raised by a `catch` around a call into the wasm before it asks `recover`: where a stack overflow was caught there may be no
 * stack left for `recover` itself. The next call then finds the doubt and gives the instance up.
 */
export const doubt = { raised: false };

/** The live instance. Compiles and instantiates at the first call, synchronously; never at import. */
export function core(): Core {
  if (doubt.raised) giveUp();
  if (memory === undefined) start();
  return glue;
}

/** Takes a compiled module in place of the one that the host would load, and starts it. */
export function startWith(module: WebAssembly.Module): void {
  load = () => module;
  core();
}

/** Whether there is a live instance. */
export function isLive(): boolean {
  return memory !== undefined;
}

/** The memory of the live instance. Its buffer is another one after each growth. */
export function linearMemory(): WebAssembly.Memory {
  if (memory === undefined) start();
  return memory as WebAssembly.Memory;
}

/** The number of the instance, which the next call starts if there is none; a key made by an earlier one is gone. */
export function generation(): number {
  if (doubt.raised) giveUp();
  return instances;
}

function start(): void {
  try {
    if (isTainted) glue.__wbg_reset_state();
    memory = glue.initSync({ module: load() }).memory;
    isTainted = false;
  } catch (cause) {
    throw unavailable("this host refuses to compile WebAssembly here", cause);
  }
}

/**
 * Gives the instance up after a trap, or after a stack overflow inside of it, and returns the error to throw.
 *
 * Such an instance may hold half-written state, so it must not be called again. The next call starts another one: after an
 * overflow there may be no stack left to do so here. Other errors come back as they are.
 */
export function recover(cause: unknown): unknown {
  // By name: the error may be of another realm.
  const { name } = (cause ?? {}) as { name?: unknown };
  if (name !== "RuntimeError" && name !== "RangeError") {
    doubt.raised = false;
    return cause;
  }
  giveUp();
  if (name === "RangeError") return cause;
  return tandemError(
    "ERR_WASM_TRAP",
    "the wasm instance failed and is replaced; nothing was signed or verified",
    cause,
  );
}

/** Leaves the instance to the garbage collector; the next call starts another one. Keys are then read again. */
export function giveUp(): void {
  doubt.raised = false;
  // One that never began has no state to reset.
  isTainted ||= memory !== undefined;
  memory = undefined;
  instances += 1;
}

function unavailable(what: string, cause?: unknown): TandemError {
  const cure = "Chromium up to 114 needs `await init()` first; a content security policy needs 'wasm-unsafe-eval'";
  return tandemError("ERR_WASM_UNAVAILABLE", `WebAssembly is not available: ${what}. ${cure}`, cause);
}
