// The Chromium of the tests.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

import { executable, skipWithout } from "./executable.mjs";

const executablePath = executable("CHROMIUM", ["chromium", "chromium-browser", "google-chrome"]);

export const name = "Chromium";
export const skip = skipWithout(executablePath, "no Chromium here (apt-get install chromium, or CHROMIUM=path)");

const options = {
  executablePath,
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export const launch = () => chromium.launch(options);
/** With the process at hand, for a test that puts the whole browser to sleep. */
export const launchServer = () => chromium.launchServer(options);
export const connect = (server) => chromium.connect(server.wsEndpoint());

/** A context of a profile whose settings say that no site may keep cookies. */
export async function launchWithoutCookies() {
  const profile = mkdtempSync(join(tmpdir(), "tandem-chromium-"));
  mkdirSync(join(profile, "Default"));
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(profile, "Default/Preferences"), JSON.stringify(settings));
  const context = await chromium.launchPersistentContext(profile, options);
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
