// The Firefox of the tests: one as people have it, driven over WebDriver BiDi.

import { firefox } from "playwright-core";

import { executable, skipWithout } from "./executable.mjs";

const executablePath = executable("FIREFOX", ["firefox-esr", "firefox"]);

export const name = "Firefox";
export const skip = skipWithout(executablePath, "no Firefox here (apt-get install firefox-esr, or FIREFOX=path)");

// Without the channel playwright wants a Firefox of its own making, which speaks another protocol.
const options = { channel: "moz-firefox", executablePath };

/** What a person prefers is a matter of the whole browser here: over BiDi, playwright cannot emulate it for a page. */
export const launch = ({ colorScheme, reducedMotion } = {}) =>
  firefox.launch({
    ...options,
    firefoxUserPrefs: {
      "ui.systemUsesDarkTheme": colorScheme === "dark" ? 1 : 0,
      "ui.prefersReducedMotion": reducedMotion === "reduce" ? 1 : 0,
    },
  });
/** With the process at hand, for a test that puts the whole browser to sleep. */
export const launchServer = () => firefox.launchServer(options);
export const connect = (server) => firefox.connect(server.wsEndpoint());

/** A context of a profile whose settings say that no site may keep cookies. */
export async function launchWithoutCookies() {
  const browser = await firefox.launch({ ...options, firefoxUserPrefs: { "network.cookie.cookieBehavior": 2 } });
  return { context: await browser.newContext(), close: () => browser.close() };
}
