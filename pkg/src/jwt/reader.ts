// The reader of every key there is, which the drop-in and the sessions share.

import { KeyReader } from "./keys.js";
import { pairs } from "./read-pairs.js";

export const reader: KeyReader = /* @__PURE__ */ new KeyReader(pairs);
