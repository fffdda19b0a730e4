// Loaded before a suite: the wasm does all arithmetic there.

import { setBackend } from "tandem-jwt";

setBackend("wasm");
