// `node tests/client/comparison/run.mjs [CASE]`: the table of docs/client.md that compares `tandem-jwt/client` with the client of
// better-auth, in the browsers that are here. Installs what package-lock.json beside it names, once. CASE is a part of a case's name.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { browsers } from "../../browser/browsers.mjs";
import { startNetwork } from "../network.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
if (!existsSync(`${here}node_modules`))
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: here, stdio: "inherit" });

// These want what was installed.
const { bundlePage, CONTENDERS, startServer, weigh } = await import("./contenders.mjs");
const { BEFORE, CASES, Tab } = await import("./cases.mjs");

async function outcome({ launch, launchWithoutCookies }, { asks, serve }, script, name) {
  const server = await startServer(serve);
  const html = `<!doctype html><title></title><script>${script.replaceAll("</script", "<\\/script")}</script>`;
  const network = await startNetwork(server.url, { "/": html });
  await server.open(network.url);
  const isWithout = name === "cookies are refused";
  const browser = isWithout ? await launchWithoutCookies() : await launch();
  try {
    const context = isWithout ? browser.context : await browser.newContext();
    if (BEFORE[name] !== undefined) await context.addInitScript(BEFORE[name]);
    const tab = async () => {
      const page = await context.newPage();
      await page.goto(network.url);
      return new Tab(page);
    };
    return await CASES[name]({ asks, network, tab });
  } finally {
    await browser.close();
    await network.stop();
    server.stop();
  }
}

/** What each browser saw, said once where they agree. */
async function seen(contender, script, name) {
  const said = new Map();
  for (const browser of browsers) {
    if (browser.skip) continue;
    const text = await outcome(browser, contender, script, name);
    said.set(text, [...(said.get(text) ?? []), browser.name]);
  }
  return said.size === 1 ? [...said.keys()][0] : [...said].map(([text, names]) => `${names}: ${text}`).join("; ");
}

const wanted = process.argv[2] ?? "";
const { dependencies } = JSON.parse(readFileSync(`${here}package.json`, "utf8"));
const versioned = (name) => (dependencies[name] === undefined ? name : `${name} ${dependencies[name]}`);
for (const { name, skip, launch } of browsers) {
  if (skip) console.log(skip);
  else {
    const browser = await launch();
    console.log(`${name} ${browser.version()}`);
    await browser.close();
  }
}
console.log(`\n| | ${CONTENDERS.map(({ name }) => versioned(name)).join(" | ")} |`);
console.log(`|---|${"---|".repeat(CONTENDERS.length)}`);
const weights = await Promise.all(CONTENDERS.map(({ name }) => weigh(name)));
console.log(`| the page's own code | ${weights.map(({ lines }) => `${lines} lines`).join(" | ")} |`);
const kilobytes = (bytes) => `${(bytes / 1_000).toFixed(1)} KB`;
console.log(`| the whole script, min + gzip | ${weights.map(({ bytes }) => kilobytes(bytes)).join(" | ")} |`);
for (const name of Object.keys(CASES).filter((each) => each.includes(wanted))) {
  const cells = [];
  for (const contender of CONTENDERS) {
    const script = await bundlePage(contender.name, contender.refresh);
    cells.push(await seen(contender, script, name));
  }
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}
console.log(
  `\nThe same page with ${versioned("@auth0/auth0-spa-js")}: ${kilobytes((await weigh("auth0-spa-js")).bytes)}`,
);
process.exit(0);
