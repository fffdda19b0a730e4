// A live wasm instance: made at the first call, replaced after a trap. There are two modules, and one instance of each.

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

/** How many instances, of whichever module, have been given up so far. */
export function replaced(): number {
  return replacements;
}

/** The one instance of a module at a time. A failure of one module is none of another. */
export class Instance<Exports extends Common = Common> {
  /**
   * Raised by a `catch` around a call into the wasm before it asks `recover`: where a stack overflow was caught there may be no
   * stack left for `recover` itself. The next call then finds the doubt and gives the instance up.
   */
  isDoubted = false;
  /** How many keys the instance holds, and how many it has held. */
  readonly held = { now: 0, ever: 0 };
  readonly buffers: Buffers = new Buffers(this);
  readonly #glue: Exports;
  #load: () => WebAssembly.Module;
  #memory: WebAssembly.Memory | undefined;
  #isTainted = false;
  #number = 1;

  /** `load` gives the compiled module of the glue. */
  constructor(glue: Exports, load: () => WebAssembly.Module) {
    this.#glue = glue;
    this.#load = load;
  }

  /** The exports of the instance. Compiles and instantiates at the first call, synchronously; never at import. */
  exports(): Exports {
    if (this.isDoubted) this.giveUp();
    if (this.#memory === undefined) this.#start();
    return this.#glue;
  }

  /** Takes a compiled module in place of the one that the host would load, and starts it. */
  startWith(module: WebAssembly.Module): void {
    this.#load = () => module;
    this.exports();
  }

  /** Whether there is a live instance. */
  isLive(): boolean {
    return this.#memory !== undefined;
  }

  /** The memory of the live instance. Its buffer is another one after each growth. */
  memory(): WebAssembly.Memory {
    if (this.#memory === undefined) this.#start();
    return this.#memory as WebAssembly.Memory;
  }

  /** The number of the instance, which the next call starts if there is none; a key made by an earlier one is gone. */
  instanceNumber(): number {
    if (this.isDoubted) this.giveUp();
    return this.#number;
  }

  /**
   * Gives the instance up after a trap, or after a stack overflow inside of it, and returns the error to throw.
   *
   * Such an instance may hold half-written state, so it must not be called again. The next call starts another one: after an
   * overflow there may be no stack left to do so here. Other errors come back as they are.
   */
  recover(cause: unknown): unknown {
    // By name: the error may be of another realm.
    const { name } = (cause ?? {}) as { name?: unknown };
    if (name !== "RuntimeError" && name !== "RangeError") {
      this.isDoubted = false;
      return cause;
    }
    this.giveUp();
    // A stack overflow is the program's own recursion. It gets the error that it would get without us.
    if (name === "RangeError") return cause;
    return tandemError(
      "ERR_WASM_TRAP",
      "the wasm instance failed and is replaced; nothing was signed or verified",
      cause,
    );
  }

  /** Leaves the instance to the garbage collector; the next call starts another one. Keys are then read again. */
  giveUp(): void {
    this.isDoubted = false;
    // One that never began has no state to reset.
    this.#isTainted ||= this.#memory !== undefined;
    this.#memory = undefined;
    // Whoever holds a handle compares this number, and reads its key again.
    this.#number += 1;
    this.held.now = 0;
    this.held.ever = 0;
    replacements += 1;
  }

  #start(): void {
    try {
      // The glue keeps views and tables of the old instance in module variables.
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
