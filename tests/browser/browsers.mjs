// The browsers that a page may be opened in.

import { describe } from "node:test";

import * as chromium from "./chromium.mjs";
import * as firefox from "./firefox.mjs";

export const browsers = [chromium, firefox];

/** A suite for each browser, with a browser of its own to launch. */
export function inBrowsers(title, suite) {
  for (const browser of browsers)
    describe(`${title}, in ${browser.name}`, { skip: browser.skip }, () => suite(browser));
}
