/** The demo as a process, and its page in a browser. */
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const script = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../www/serve.mjs");

/** Starts it on a free port. `stop` resolves with its exit code. */
export async function startDemo(...flags) {
  const server = spawn(process.execPath, [script, "--port", "0", ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await ready(server);
  return {
    url,
    stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGTERM");
      return ended;
    },
  };
}

/** The address that the demo prints once it serves. */
function ready(server) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error("the demo did not start within 60 s")), 60_000);
    let printed = "";
    server.stdout.on("data", (chunk) => {
      printed += chunk;
      const found = /^ready: (http:\/\/localhost:\d+)$/m.exec(printed);
      if (found === null) return;
      clearTimeout(limit);
      resolve(found[1]);
    });
    server.once("exit", (code) => {
      clearTimeout(limit);
      reject(new Error(`the demo ended with ${code}`));
    });
  });
}

/** A page, and everything that went wrong in it: exceptions, refused loads, breaches of the content policy. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // The browser's own word on a request that the Worker refused, as it should.
    if (message.type() === "error" && !/status of 40[01]/.test(message.text())) problems.push(message.text());
  });
  await page.addInitScript(() => {
    // What moved by itself: after an input it may.
    globalThis.jumps = [];
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, value, sources } of list.getEntries()) {
        if (!hadRecentInput && value > 0.002)
          globalThis.jumps.push(
            `${value}: ${sources.map(({ node }) => node?.id || node?.className || node?.nodeName)}`,
          );
      }
      // Firefox tells nothing of layout shifts.
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(url);
  return { page, context, problems };
}

/** The options of a phone's page. Playwright has a phone's layout in Chromium alone; in Firefox it is a narrow window with touch. */
export function phoneOf(browser) {
  const phone = { viewport: { width: 375, height: 720 }, hasTouch: true };
  return browser === "Chromium" ? { ...phone, isMobile: true } : phone;
}

/** Scrolls to the bench, which then loads, and waits until it is there. */
export async function openBench(page) {
  await page.locator("#bench").scrollIntoViewIfNeeded();
  await page.locator("#bench[data-ready]").waitFor();
}

export const signIn = async (page) => {
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("Signed in as Ada Lovelace").waitFor();
};
