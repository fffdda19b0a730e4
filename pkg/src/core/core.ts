// The wasm that every entry needs: secrets, and the session state machine.

// Selected by condition: package.json says which file this is on which host.
import { loadModule } from "#wasm";
import * as glue from "./generated/core/core.js";
import { Instance } from "./instance.js";

/** The exports of the module. */
export type Core = typeof glue;

export const core: Instance<Core> = /* @__PURE__ */ new Instance<Core>(glue, loadModule);
