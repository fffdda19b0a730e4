// Workers compile no bytes inside a request: the runtime hands over a compiled module.

import module from "../tandem.wasm";
import { provide } from "./instance.js";

provide(() => module);
