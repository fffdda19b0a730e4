/** axe-core in every state of the page: by day, by night and on a phone. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { inBrowsers } from "./browsers.mjs";
import { openBench, openPage, phoneOf, signIn, startDemo } from "./demo-page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LOOKS = { light: () => ({}), dark: () => ({ colorScheme: "dark" }), phone: phoneOf };
const DARK = "(prefers-color-scheme: dark)";

inBrowsers("axe-core finds nothing serious", ({ name, launch }) => {
  let demo;
  let browser;
  before(async () => {
    demo = await startDemo("--access-ttl", "1m", "--grace", "1s", "--recovery", "0s", "--refresh-idle", "1h");
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  async function found(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`,
      );
  }
  const good = async (page, state) => assert.deepEqual(await found(page), [], state);
  const button = (page, name) => page.getByRole("button", { name, exact: true });

  test("it finds what there is to find", async () => {
    const { page, context } = await openPage(browser, demo.url, { reducedMotion: "reduce" });
    await page.evaluate(() => {
      document.querySelector("#sign-in-button").textContent = "";
      document.querySelector(".lead p").style.color = "#ddd";
    });
    const ids = (await found(page)).map((line) => line.split(":", 1)[0]);
    assert.ok(ids.includes("button-name") && ids.includes("color-contrast"), ids.join());
    await context.close();
  });

  for (const [look, optionsOf] of Object.entries(LOOKS)) {
    test(`${look}: playing, caught, signed in, dead, with errors, with tokens`, async () => {
      const options = optionsOf(name);
      const looking = await launch(options);
      const { page } = await openPage(looking, demo.url, options);
      assert.equal(await page.evaluate((query) => matchMedia(query).matches, DARK), look === "dark");
      await page.locator("#scene-log").getByText("takes its place").first().waitFor();
      await good(page, "playing");

      await page.getByLabel("Password").fill("guess");
      await button(page, "Sign in").click();
      await page.getByText("user name or password is wrong").waitFor();
      await good(page, "a wrong password");
      await page.getByLabel("Password").fill("lovelace");
      await signIn(page);
      await page.getByText("Claims").first().click();
      await good(page, "signed in");

      await button(page, "Steal the refresh token").click();
      await page.locator("#replay:enabled").waitFor();
      await button(page, "Refresh now").click();
      await page.locator("#refresh-chip", { hasText: "generation 1" }).waitFor();
      await page.waitForTimeout(2_100);
      await button(page, "Refresh now").click();
      await page.locator("#refresh-chip", { hasText: "generation 2" }).waitFor();
      await button(page, "Replay it").click();
      await page.getByRole("alert").filter({ hasText: "Caught" }).waitFor();
      await good(page, "a dead session");

      await openBench(page);
      await good(page, "the bench");
      await button(page, "payload").click();
      await page.locator("#verdict.bad").waitFor();
      await page.getByLabel("Payload", { exact: true }).fill("{");
      await button(page, "Sign").click();
      await page.locator("#bench-problem").filter({ hasText: "JSON" }).waitFor();
      await good(page, "the bench with errors");
      await page.getByRole("radio", { name: "ML-DSA-65" }).check();
      await page.locator("#speed").scrollIntoViewIfNeeded();
      await page.locator("#speed[data-ready]").waitFor({ timeout: 90_000 });
      await page.locator("#scene-banner", { hasText: "Caught" }).waitFor({ timeout: 40_000 });
      await good(page, "everything");
      await looking.close();
    });
  }

  test("the documents", async () => {
    const { page, context } = await openPage(browser, `${demo.url}/docs/rotation.html`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await good(page, "rotation");
    await page.goto(`${demo.url}/docs/readme.html`);
    await good(page, "read me");
    await context.close();
  });
});
