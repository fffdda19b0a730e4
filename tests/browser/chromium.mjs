// The browser of the tests.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];
const onPath = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
const executablePath = [process.env.CHROMIUM, ...onPath].find((file) => file !== undefined && existsSync(file));

// Where nothing may be skipped, a missing browser is a failure, which `launch` then reports.
export const skip =
  executablePath === undefined && process.env.CI !== "true"
    ? "no Chromium here (apt-get install chromium, or CHROMIUM=path)"
    : false;

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
