// For hosts that can neither import nor read the wasm synchronously: it travels inside a module.

import { bytes } from "./generated/bytes.js";
import { decodeBase64 } from "../base64.js";
import { provide } from "./instance.js";

provide(() => new WebAssembly.Module(decodeBase64(bytes)));
