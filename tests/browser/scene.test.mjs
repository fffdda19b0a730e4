/** The scene: each of its sentences against what the Worker reported, and each report against the tokens themselves. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decode } from "tandem-jwt/decode";

import { inBrowsers } from "./browsers.mjs";
import { openPage, startDemo } from "./demo-page.mjs";

/** What may be said of an outcome. Written anew here: a sentence that follows another outcome matches none of these. */
const SAYS = {
  issued: ({ generation }) => new RegExp(`^Tab A signs in, and holds refresh token ${generation}\\.$`),
  rotated: ({ presented, generation }) =>
    new RegExp(`^(Tab [AB]|The thief) uses refresh token ${presented}.* Token ${generation} takes its place`),
  grace: ({ presented, generation }) =>
    new RegExp(`brings token ${presented} again, within the grace: the same token ${generation} once more`),
  debounced: ({ presented }) =>
    new RegExp(`brings token ${presented}, which was only just handed out.*${presented} stays`),
  recovered: ({ presented, generation }) =>
    new RegExp(`brings token ${presented} after the grace.* (recovers|let in) with token ${generation}[,.].*burned`),
  reuse: ({ presented }) =>
    new RegExp(`^Caught: (tab [AB]|Tab [AB]|the thief) brings token ${presented}, whose successor was already used`),
  revoked: () => /^(Tab [AB]|The thief) is refused: the session is over\.$/,
};
/** What is said without a report. */
const UNREPORTED =
  /^(The laptop falls asleep before the answer comes|The laptop wakes up|The thief copies refresh token (\d+) and waits)\.$/;

inBrowsers("the scene", ({ launch }) => {
  let demo;
  let browser;
  before(async () => {
    demo = await startDemo();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    assert.equal(await demo?.stop(), 0, "the demo ends cleanly on SIGTERM");
  });

  const generation = (token) => decode(token ?? "")?.gen ?? null;
  const outcome = ({ heard }) => heard.map(({ type }) => type).find((type) => type in SAYS);

  /** Every report that reaches the page, each compared with the tokens that travelled. */
  async function listen(page) {
    // WebDriver BiDi shows no bodies, so each goes along in a header too.
    await page.addInitScript(() => {
      const plain = globalThis.fetch;
      globalThis.fetch = (url, init = {}) => {
        const headers = { ...Object.fromEntries(new Headers(init.headers)), "test-body": String(init.body ?? "") };
        return plain(url, { ...init, headers });
      };
    });
    const reports = [];
    page.on("response", (response) => {
      const text = response.headers()["demo-report"];
      if (text === undefined) return;
      const report = JSON.parse(text);
      assert.equal(report.presented, presentedBy(response.request()), "what was presented");
      assert.equal(report.status, response.status());
      reports.push(report);
    });
    return reports;
  }
  /** The generation of the refresh token that a request carries. */
  const presentedBy = (request) => generation(new URLSearchParams(request.headers()["test-body"]).get("refresh_token"));

  const sentences = (page) =>
    page.locator("#scene-log .said").evaluateAll((items) => items.map((item) => item.firstChild.textContent.trim()));
  const ended = (page) => page.getByRole("button", { name: "Play it all" }).waitFor();

  /** Each report has its sentence, and there is no sentence over. */
  function agree(reports, said) {
    const left = [...said];
    for (const report of reports) {
      const wanted = SAYS[outcome(report)](report);
      const at = left.findIndex((sentence) => wanted.test(sentence));
      assert.ok(at >= 0, `nothing says ${JSON.stringify(report)}\n${said.join("\n")}`);
      left.splice(at, 1);
    }
    for (const sentence of left) assert.match(sentence, UNREPORTED);
  }

  test("plays by itself, says what the Worker reported, and ends in red", async () => {
    const { page, context, problems } = await openPage(browser, "about:blank");
    const reports = await listen(page);
    await page.goto(demo.url);
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await ended(page);
    const said = await sentences(page);
    agree(reports, said);
    assert.deepEqual(
      new Set(reports.map(outcome)),
      new Set(["issued", "rotated", "grace", "recovered", "reuse", "revoked"]),
    );
    const stolen = said.map((sentence) => UNREPORTED.exec(sentence)?.[2]).find((found) => found !== undefined);
    assert.equal(
      Number(stolen),
      reports.find((report) => outcome(report) === "reuse").presented,
      "the copy is what is replayed",
    );
    await page.locator("#scene-banner", { hasText: "Caught" }).waitFor();
    assert.equal(
      await page.locator("#scene-picture .link").count(),
      Math.max(...reports.map((each) => each.generation ?? 0)) + 1,
    );
    assert.equal(await page.locator("#scene-picture .link.burned").count(), 1);
    assert.equal(
      await page.locator("#scene-picture .hand-out").count(),
      reports.filter((each) => each.generation > 0).length,
    );
    assert.deepEqual(await page.evaluate(() => globalThis.jumps), [], "nothing jumps while one reads");
    assert.equal((await context.cookies()).length, 0, "the visitor has no part in it");
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("when a retry comes late, it says that, and not what was meant to happen", async () => {
    const { page, context } = await openPage(browser, "about:blank");
    const reports = await listen(page);
    let held = false;
    await page.route("**/auth/token", async (route) => {
      const isRetry = reports.some((report) => report.presented === presentedBy(route.request()));
      if (isRetry && !held) {
        held = true;
        await new Promise((resolve) => setTimeout(resolve, 4_000));
      }
      await route.continue();
    });
    await page.goto(demo.url);
    // The scene that began by itself makes way, and its reports are not those of this one.
    await page.getByRole("button", { name: "Stop" }).click();
    await ended(page);
    await page.waitForLoadState("networkidle");
    reports.length = 0;
    await page.getByRole("button", { name: "A lost answer" }).click();
    await page.locator("#scene-log").getByText("signs in").waitFor();
    await ended(page);
    const said = await sentences(page);
    assert.ok(held, "a retry was held");
    assert.ok(reports.map(outcome).includes("recovered"), JSON.stringify(reports));
    agree(reports, said);
    assert.ok(!said.some((sentence) => /within the grace/.test(sentence)));
    await context.close();
  });

  test("a button plays each scene by itself; what was asked for is read out; Stop stops", async () => {
    const { page, context } = await openPage(browser, demo.url);
    const says = page.locator("#scene-says");
    assert.equal(await says.getAttribute("aria-live"), null, "what plays by itself is not read out");
    for (const [name, sentence] of [
      ["A refresh", /Token 1 takes its place/],
      ["Two tabs at once", /again, within the grace: the same token 1/],
    ]) {
      await page.getByRole("button", { name }).press("Enter");
      await page.locator("#scene-log").getByText(sentence).waitFor();
      await page.locator("#scene-act", { hasText: name }).waitFor();
      assert.equal(await page.getByRole("button", { name }).getAttribute("aria-current"), "step");
    }
    assert.equal(await says.getAttribute("aria-live"), "polite");
    await page.getByRole("button", { name: "Stop" }).click();
    await ended(page);
    const before = await page.locator("#scene-log li").count();
    await page.waitForTimeout(2_500);
    assert.equal(await page.locator("#scene-log li").count(), before);
    await context.close();
  });

  test("a thief by himself is caught", async () => {
    const { page, context } = await openPage(browser, demo.url);
    await page.getByRole("button", { name: "A thief" }).click();
    await page.locator("#scene-banner", { hasText: "Caught" }).waitFor({ timeout: 30_000 });
    await page.getByRole("button", { name: "A refresh" }).click();
    await page.locator("#scene-banner").waitFor({ state: "hidden" });
    await context.close();
  });

  test("whoever wants less motion gets a still of a recorded run, and each scene as it was reported", async () => {
    const calm = await launch({ reducedMotion: "reduce" });
    const { page, problems } = await openPage(calm, "about:blank", { reducedMotion: "reduce" });
    const reports = await listen(page);
    await page.goto(demo.url);
    await page.locator("#scene-banner", { hasText: "Caught" }).waitFor();
    await page.getByText("A still of a run that was recorded").waitFor();
    const still = await page.locator("#scene-picture").innerHTML();
    await page.waitForTimeout(1_500);
    assert.equal(await page.locator("#scene-picture").innerHTML(), still, "nothing moves");
    assert.deepEqual(reports, [], "nothing is asked for before somebody asks");
    await page.getByRole("button", { name: "Two tabs at once" }).click();
    await page.locator("#scene-log").getByText("within the grace").waitFor();
    await ended(page);
    agree(reports, await sentences(page));
    assert.deepEqual(problems, []);
    await calm.close();
  });

  test("a Worker that is away is said to be away", async () => {
    const { page, context } = await openPage(browser, "about:blank");
    await page.route("**/auth/**", (route) => route.abort());
    await page.goto(demo.url);
    await page.getByText("The scene cannot be played: the Worker does not answer.").waitFor();
    await context.close();
  });
});
