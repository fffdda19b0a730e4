/**
 * One way through the demo as a person goes it: the real page in real browsers, the real Worker in workerd. The pictures that
 * Chromium takes on the way are left in SCREENSHOTS, or else in a temporary folder that it names.
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { inBrowsers } from "./browsers.mjs";
import { openPage, phoneOf, signIn, startDemo } from "./demo-page.mjs";

inBrowsers("the demo in a visitor's hands", ({ name: browserName, launch }) => {
  let demo;
  let strict;
  let browser;
  let pictures;

  before(async () => {
    [demo, strict] = await Promise.all([
      startDemo("--access-ttl", "3s", "--grace", "1s", "--recovery", "1h", "--refresh-idle", "2h"),
      startDemo("--access-ttl", "1m", "--grace", "2s", "--recovery", "0s"),
    ]);
    browser = await launch();
    pictures = process.env.SCREENSHOTS ?? (await mkdtemp(path.join(tmpdir(), "tandem-screenshots-")));
    await mkdir(pictures, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    assert.deepEqual(await Promise.all([demo?.stop(), strict?.stop()]), [0, 0], "the demo ends cleanly on SIGTERM");
  });

  const open = (options) => openPage(browser, demo.url, options);
  async function picture(page, name) {
    // Playwright writes a style into the page for it, and the page's own policy has Firefox say so.
    if (browserName !== "Chromium") return;
    await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  }
  const button = (page, name) => page.getByRole("button", { name, exact: true });
  const said = (page, text) =>
    page.locator("#session-log").getByRole("listitem").filter({ hasText: text }).first().waitFor();
  const isInView = (page, selector) =>
    page.locator(selector).evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });

  test("sign in, call, expire, call again, refresh, be robbed, find out", async () => {
    const { page, context, problems } = await open();
    await page.getByText("Signed out").waitFor();
    await signIn(page);
    for (const part of ["#access-clock", "#refresh-clock", "#call", "#session-picture"])
      assert.ok(await isInView(page, part), `${part} is in view after the sign-in`);

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

    await button(page, "Call the origin").click();
    await said(page, "accepts its access token");
    await page.locator("#access-chip", { hasText: "expired" }).waitFor();
    await button(page, "Call the origin").click();
    await said(page, "the edge makes a new one first");
    await page.locator("#refresh-chip", { hasText: "generation 1" }).waitFor();
    await page.locator("#access-chip", { hasText: "fresh" }).waitFor();

    await button(page, "Steal the refresh token").click();
    await said(page, "copies refresh token 1");
    await page.waitForTimeout(2_000); // past the grace, which else would answer with the current token
    await button(page, "Refresh now").click();
    await page.locator("#refresh-chip", { hasText: "generation 2" }).waitFor();
    await page.getByText("Claims").first().click();
    assert.match(await page.locator("#access-claims").innerText(), /"sub": "ada"/);
    await picture(page, "signed-in");

    await page.waitForTimeout(2_000);
    await button(page, "Replay it").click();
    await said(page, "let in with token 3");
    assert.ok(await page.locator("#session-banner").isHidden(), "nobody is caught yet");
    await button(page, "Refresh now").click();
    await said(page, "Caught: this tab brings token 2");
    const banner = page.getByRole("alert").filter({ hasText: "Caught" });
    await banner.waitFor();
    await page.getByText("The session is over").first().waitFor();
    assert.equal(await page.getByText("Signed in as").count(), 0, "nobody is called signed in over a dead session");
    assert.deepEqual(await page.evaluate(() => globalThis.jumps), [], "nothing jumps while one reads");
    await picture(page, "found-out");
    await banner.getByRole("button", { name: "Sign in again" }).click();
    await signIn(page);
    await banner.waitFor({ state: "hidden" });
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("without recovery a thief within the grace gets the same answer, and nothing is said to be burned", async () => {
    const { page, context } = await openPage(browser, strict.url);
    await signIn(page);
    await button(page, "Steal the refresh token").click();
    await said(page, "copies refresh token 0");
    await button(page, "Refresh now").click();
    await said(page, "Token 1 takes its place");
    await button(page, "Replay it").click();
    await said(page, "The thief brings token 0 again, within the grace: the same token 1 once more");
    assert.doesNotMatch(await page.locator("#session-log").innerText(), /burned|Caught/);
    await page.getByText("Signed in as Ada Lovelace").waitFor();

    // The thief holds token 1 now. The browser uses it up, and lets the grace pass.
    await page.waitForTimeout(3_000);
    await button(page, "Refresh now").click();
    await said(page, "Token 2 takes its place");
    await page.waitForTimeout(3_000);
    await button(page, "Replay it").click();
    await said(page, "The thief brings token 1 too late to recover");
    await page.getByRole("alert").filter({ hasText: "Session over" }).waitFor();
    assert.doesNotMatch(await page.locator("#session-log").innerText(), /Caught/, "that it was a thief is not known");
    await page.locator("#access-chip", { hasText: "accepted until then" }).waitFor();
    await button(page, "Call the origin").click();
    await said(page, "accepts its access token");
    await button(page, "Refresh now").click();
    await said(page, "This tab is refused: the session is over.");
    await context.close();
  });

  test("another tab has a lane, and signing out reaches it", async () => {
    const { page, context } = await open();
    await signIn(page);
    const tab = await context.newPage();
    await tab.goto(demo.url);
    await tab.getByText("Signed in as Ada Lovelace").waitFor();
    await said(tab, "This browser already has a session, with refresh token 0.");
    await button(page, "Refresh now").click();
    await said(tab, "The other tab uses refresh token 0");
    await tab.locator("#refresh-chip", { hasText: "generation 1" }).waitFor();
    await button(page, "Sign out").click();
    await page.getByText("Signed out", { exact: true }).first().waitFor();
    await said(tab, "Signed out: the session is revoked");
    await button(tab, "Sign in").waitFor();
    await context.close();
  });

  test("the pace is chosen at the sign-in, and stays with the session", async () => {
    const { page, context } = await open();
    await page.getByRole("radio", { name: /^Minutes/ }).check();
    await signIn(page);
    assert.match(await page.locator("#policy").innerText(), /access 3m, idle 1h, grace 20s/);
    assert.match(await page.locator("#access-clock").innerText(), /^(3:00|2:[45]\d)$/);
    await button(page, "Refresh now").click();
    await page.locator("#refresh-chip", { hasText: "generation 1" }).waitFor();
    await page.reload();
    await page.getByText("Signed in as Ada Lovelace").waitFor();
    assert.match(await page.locator("#policy").innerText(), /access 3m/);
    await context.close();
  });

  test("a session that nobody refreshes runs out before one's eyes", async () => {
    const short = await startDemo("--access-ttl", "2s", "--grace", "1s", "--refresh-idle", "4s");
    const { page, context } = await openPage(browser, short.url);
    await signIn(page);
    await said(page, "Nobody refreshed, so the browser has dropped the refresh token: the session is over.");
    await page.getByRole("alert").filter({ hasText: "Session over" }).waitFor();
    await page.getByText("The session is over").first().waitFor();
    await context.close();
    assert.equal(await short.stop(), 0);
  });

  test("a wrong password says so", async () => {
    const { page, context } = await open();
    await page.getByLabel("Password").fill("guess");
    await button(page, "Sign in").click();
    await page.getByRole("alert").filter({ hasText: "user name or password is wrong" }).waitFor();
    await context.close();
  });

  test("it can be used by keyboard, and fits a phone in the dark", async () => {
    const { page, context, problems } = await open({ ...phoneOf(browserName), colorScheme: "dark" });
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the scene");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash === "#scene");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "scene-all", "the first thing in the scene");

    await page.getByLabel("Password").focus();
    await page.keyboard.press("Enter");
    await page.getByText("Signed in as Ada Lovelace").waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.id);
    assert.equal(await focused(), "call", "the focus goes on to what can be done next");
    for (const part of ["#access-clock", "#refresh-clock", "#call"])
      assert.ok(await isInView(page, part), `${part} is in view after the sign-in`);
    await page.keyboard.press("Enter");
    await said(page, "calls the origin");
    assert.equal(await focused(), "call", "the focus stays while the answer is awaited");
    const { wide, room } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      room: innerWidth,
    }));
    assert.ok(wide <= room, `${wide} px of page in ${room} px of screen`);
    await picture(page, "phone-dark");
    await button(page, "Sign out").focus();
    await page.keyboard.press("Enter");
    await page.getByText("Signed out", { exact: true }).first().waitFor();
    assert.equal(await focused(), "sign-in-button", "the focus is not lost with the button");
    assert.deepEqual(problems, []);
    await context.close();
  });
});
