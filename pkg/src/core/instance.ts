// A live wasm instance: created at the first call, replaced after a trap. There are two modules, with one instance
// each.

import { Buffers } from "./buffers.js";
import type { Core } from "./core.js";
import { type TandemError, tandemError } from "./errors.js";

/** The exports that both modules have. */
export interface Common
  extends Pick<
    Core,
    | "__wbg_reset_state"
    | "fixed_len"
    | "reserve_input"
    | "output_at"
    | "release_buffers"
    | "error_code"
    | "error_message"
    | "key_drop"
    | "key_problem"
    | "hmac_sign"
    | "hmac_verify"
    | "hmac_matches"
  > {
  initSync(options: { module: WebAssembly.Module }): { readonly memory: WebAssembly.Memory };
}

let replacements = 0;

/** How many instances of either module have been discarded so far. */
export function replaced(): number {
  return replacements;
}

/** The single live instance of a module. A failure of one module does not affect the other. */
export class Instance<Exports extends Common = Common> {
  /**
   * Set by a `catch` around a wasm call before it calls `recover`: after a stack overflow there may be no stack left
   * for `recover` itself. The next call then sees the flag and discards the instance.
   */
  isDoubted = false;
  /** How many keys the instance holds now, and how many it has ever held. */
  readonly held = { now: 0, ever: 0 };
  readonly buffers: Buffers = new Buffers(this);
  readonly #glue: Exports;
  #load: () => WebAssembly.Module;
  #memory: WebAssembly.Memory | undefined;
  #isTainted = false;
  #number = 1;

  /** `load` returns the compiled module that belongs to the glue. */
  constructor(glue: Exports, load: () => WebAssembly.Module) {
    this.#glue = glue;
    this.#load = load;
  }

  /** The exports of the instance. Compiled and instantiated synchronously at the first call, never at import. */
  exports(): Exports {
    if (this.isDoubted) this.giveUp();
    if (this.#memory === undefined) this.#start();
    return this.#glue;
  }

  /** Uses this compiled module instead of the one that the host would load, and starts it. */
  startWith(module: WebAssembly.Module): void {
    this.#load = () => module;
    this.exports();
  }

  /** Whether there is a live instance. */
  isLive(): boolean {
    return this.#memory !== undefined;
  }

  /** The memory of the live instance. Its `buffer` is a new object after each growth. */
  memory(): WebAssembly.Memory {
    if (this.#memory === undefined) this.#start();
    return this.#memory as WebAssembly.Memory;
  }

  /** The number of the instance, which is started if there is none. Keys made by an earlier instance are gone. */
  instanceNumber(): number {
    if (this.isDoubted) this.giveUp();
    return this.#number;
  }

  /**
   * Discards the instance after a trap, or after a stack overflow inside it, and returns the error to throw.
   *
   * Such an instance may hold half-written state, so it must not be called again. The next call starts a new one,
   * because after an overflow there may be no stack left to do so here. Other errors are returned unchanged.
   */
  recover(cause: unknown): unknown {
    // Checked by name: the error may come from another realm.
    const { name } = (cause ?? {}) as { name?: unknown };
    if (name !== "RuntimeError" && name !== "RangeError") {
      this.isDoubted = false;
      return cause;
    }
    this.giveUp();
    // A stack overflow comes from the program's own recursion, so the program gets the same error as without us.
    if (name === "RangeError") return cause;
    return tandemError(
      "ERR_WASM_TRAP",
      "the wasm instance failed and is replaced; nothing was signed or verified",
      cause,
    );
  }

  /** Leaves the instance to the garbage collector; the next call starts a new one. Keys are then read again. */
  giveUp(): void {
    this.isDoubted = false;
    // An instance that never started has no state to reset.
    this.#isTainted ||= this.#memory !== undefined;
    this.#memory = undefined;
    // Holders of a handle compare this number, and read their key again if it changed.
    this.#number += 1;
    this.held.now = 0;
    this.held.ever = 0;
    replacements += 1;
  }

  #start(): void {
    try {
      // The glue caches views and tables of the old instance in module variables.
      if (this.#isTainted) this.#glue.__wbg_reset_state();
      this.#memory = this.#glue.initSync({ module: this.#load() }).memory;
      this.#isTainted = false;
    } catch (cause) {
      throw unavailable("this host refuses to compile WebAssembly here", cause);
    }
  }
}

function unavailable(what: string, cause?: unknown): TandemError {
  const cure = "Chromium up to 114 needs `await init()` first; a content security policy needs 'wasm-unsafe-eval'";
  return tandemError("ERR_WASM_UNAVAILABLE", `WebAssembly is not available: ${what}. ${cure}`, cause);
}
