// The wasm for every kind of key except secrets. Only code for such keys imports this file, so that the wasm is
// compiled at the first such key, and is not bundled into programs without any.

import { loadModule } from "#keys";
import * as glue from "./generated/keys/keys.js";
import { Instance } from "./instance.js";

/** The exports of the module. */
export type KeysModule = typeof glue;

export const keys: Instance<KeysModule> = /* @__PURE__ */ new Instance<KeysModule>(glue, loadModule);
