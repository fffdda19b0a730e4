// The wasm for everything else that a key can be. Only what is about such keys imports this file, so that it is compiled at the
// first of them, and never bundled where there are none.

import { loadModule } from "#keys";
import * as glue from "./generated/keys/keys.js";
import { Instance } from "./instance.js";

/** The exports of the module. */
export type KeysModule = typeof glue;

export const keys: Instance<KeysModule> = /* @__PURE__ */ new Instance<KeysModule>(glue, loadModule);
