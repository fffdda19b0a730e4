/**
 * One way through the demo as a person goes it: the real page in Chromium, the real Worker in workerd. The pictures it
 * takes on the way are left in SCREENSHOTS, or else in a temporary folder that it names.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, skip } from "./chromium.mjs";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
describe("the demo in a browser", { skip }, () => {
  let server;
  let url;
  let browser;
  let pictures;

  before(async () => {
    const flags = ["--port", "0", "--access-ttl", "3s", "--grace", "1s", "--recovery", "1h"];
    server = spawn(process.execPath, [path.join(root, "www/serve.mjs"), ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    url = await ready(server);
    browser = await launch();
    pictures = process.env.SCREENSHOTS ?? (await mkdtemp(path.join(tmpdir(), "tandem-screenshots-")));
    await mkdir(pictures, { recursive: true });
  });

  after(async () => {
    await browser?.close();
    if (server?.exitCode === null) {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGTERM");
      assert.equal(await ended, 0, "the demo ends cleanly on SIGTERM");
    }
  });

  /** A page, and everything that went wrong in it: exceptions, refused loads, breaches of the content policy. */
  async function open(options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("status of 401")) problems.push(message.text());
    });
    await page.addInitScript(() => {
      // What moved by itself: after an input it may.
      globalThis.jumps = 0;
      new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) if (!shift.hadRecentInput) globalThis.jumps += shift.value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(url);
    return { page, context, problems };
  }

  const picture = (page, name) => page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  const signIn = async (page) => {
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Signed in as Ada Lovelace").waitFor();
  };

  test("sign in, call, expire, call again, refresh, be robbed, find out", async () => {
    const { page, context, problems } = await open();
    await page.getByText("Signed out").waitFor();
    await signIn(page);

    const cookies = new Map((await context.cookies()).map((cookie) => [cookie.name, cookie]));
    for (const name of ["__Host-Http-access", "__Host-Http-refresh"]) {
      const { httpOnly, secure, sameSite, path: cookiePath } = cookies.get(name);
      assert.deepEqual(
        { httpOnly, secure, sameSite, cookiePath },
        { httpOnly: true, secure: true, sameSite: "Lax", cookiePath: "/" },
      );
    }
    const readable = await page.evaluate(() => document.cookie);
    assert.ok(readable.startsWith("session=") && !readable.includes("eyJ"), "script sees the companion and no token");

    const log = page.getByRole("log");
    const newest = (text) => log.getByRole("listitem").filter({ hasText: text }).first().waitFor();
    await page.getByRole("button", { name: "Call the origin" }).click();
    await newest("the origin saw ada, with the token that was there");

    await page.locator("#access-state", { hasText: "expired" }).waitFor();
    await page.getByRole("button", { name: "Call the origin" }).click();
    await newest("the edge made a fresh token first");
    await page.locator("#generation", { hasText: "generation 1" }).waitFor();
    await page.locator("#access-state", { hasText: "fresh" }).waitFor();

    await page.getByRole("button", { name: "Steal the refresh token" }).click();
    await newest("copy of refresh token 1");
    await page.waitForTimeout(2_000); // past the grace, which else would answer with the current token
    await page.getByRole("button", { name: "Refresh now" }).click();
    await page.locator("#generation", { hasText: "generation 2" }).waitFor();
    assert.match(await page.locator("#access-claims").innerText(), /"sub": "ada"/);
    await picture(page, "signed-in");

    await page.waitForTimeout(2_000);
    await page.getByRole("button", { name: "Replay it" }).click();
    await newest("Thief replays token 1: let in");
    await page.getByRole("button", { name: "Refresh now" }).click();
    await newest("Signed out by the edge");
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    assert.ok((await page.evaluate(() => globalThis.jumps)) < 0.01, "nothing jumps while one reads");
    await picture(page, "found-out");
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("signing out ends it, also for another tab", async () => {
    const { page, context } = await open();
    await signIn(page);
    const tab = await context.newPage();
    await tab.goto(url);
    await tab.getByText("Signed in as Ada Lovelace").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("Signed out", { exact: true }).first().waitFor();
    await tab.getByRole("button", { name: "Call the origin" }).click();
    await tab.getByRole("button", { name: "Sign in" }).waitFor();
    await context.close();
  });

  test("a wrong password says so", async () => {
    const { page, context } = await open();
    await page.getByLabel("Password").fill("guess");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").filter({ hasText: "do not go together" }).waitFor();
    await context.close();
  });

  test("the bench signs, verifies and finds tampering, in the page", async () => {
    const { page, context, problems } = await open();
    const verdict = page.locator("#verdict");
    await verdict.getByText("Valid").waitFor();
    for (const algorithm of ["HS384", "HS512", "HS256"]) {
      await page.getByRole("radio", { name: algorithm }).check();
      const [header] = (await page.locator("#token").inputValue()).split(".");
      assert.equal(JSON.parse(Buffer.from(header, "base64url").toString()).alg, algorithm);
      await verdict.getByText("Valid").waitFor();
    }
    await page.getByRole("radio", { name: "HS256" }).press("ArrowRight");
    assert.ok(
      await page.getByRole("radio", { name: "HS384" }).isChecked(),
      "the pills are radio buttons for the keyboard too",
    );
    await page.getByLabel("Payload", { exact: true }).fill('{"userId":"12345","role":"admin"}');
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await verdict.getByText('"role": "admin"').waitFor();
    await page.getByRole("button", { name: "Tamper with it" }).click();
    await verdict.getByText("JsonWebTokenError").waitFor();
    await verdict.getByText("invalid signature").waitFor();
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await page.getByLabel("Key to verify with").fill("another key");
    await verdict.getByText("invalid signature").waitFor();
    await page.getByLabel("Expires in", { exact: true }).fill("1s");
    await page.getByLabel("Key to verify with").fill("a secret that only servers know");
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await verdict.getByText("jwt expired").waitFor();
    await page.locator("#token").fill("three.dots..");
    await verdict.getByText("jwt malformed").waitFor();
    await page.getByLabel("Payload", { exact: true }).fill("{ not json");
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await page.locator("#bench-problem").filter({ hasText: "JSON" }).waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("it can be used by keyboard, and fits a phone in the dark", async () => {
    const { page, context, problems } = await open({
      viewport: { width: 375, height: 720 },
      colorScheme: "dark",
      isMobile: true,
      hasTouch: true,
    });
    await page.getByLabel("Password").focus();
    await page.keyboard.press("Enter");
    await page.getByText("Signed in as Ada Lovelace").waitFor();
    assert.equal(
      await page.evaluate(() => document.activeElement?.id),
      "call",
      "the focus goes on to what can be done next",
    );
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText("GET /api/me → 200").waitFor();
    assert.equal(
      await page.evaluate(() => document.activeElement?.id),
      "call",
      "the focus stays while the answer is awaited",
    );
    const { wide, room } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      room: innerWidth,
    }));
    assert.ok(wide <= room, `${wide} px of page in ${room} px of screen`);
    await picture(page, "phone-dark");
    await page.getByRole("button", { name: "Sign out" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Signed out", { exact: true }).first().waitFor();
    assert.equal(
      await page.evaluate(() => document.activeElement?.id),
      "sign-in-button",
      "the focus is not lost with the button",
    );
    assert.deepEqual(problems, []);
    await context.close();
  });
});

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
