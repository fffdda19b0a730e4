// The browser of the tests.

import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  file => file !== undefined && existsSync(file),
);

// Where nothing may be skipped, a missing browser is a failure, which `launch` then reports.
export const skip = executablePath === undefined && process.env.CI !== "true" ? "no Chromium here (apt-get install chromium, or CHROMIUM=path)" : false;

export const launch = () =>
  chromium.launch({
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
  });
