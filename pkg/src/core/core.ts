// The wasm that everybody needs: secrets, and the machine of sessions.

// By value and by condition: package.json says which file this is in which host.
import { loadModule } from "#wasm";
import * as glue from "./generated/core/core.js";
import { Instance } from "./instance.js";

/** The exports of the module. */
export type Core = typeof glue;

export const core: Instance<Core> = /* @__PURE__ */ new Instance<Core>(glue, loadModule);
