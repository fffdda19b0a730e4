// The browsers that a page may be opened in.

import * as chromium from "./chromium.mjs";
import * as firefox from "./firefox.mjs";

export const browsers = [chromium, firefox];
