// For hosts that can neither import nor read the wasm synchronously: it travels inside a module.

import { decodeBase64 } from "./base64.js";
import { bytes } from "./generated/bytes.js";
import { provide } from "./instance.js";

provide(() => new WebAssembly.Module(decodeBase64(bytes)));
