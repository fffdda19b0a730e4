// The recipes of docs/client.md, in real browsers.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

import { browsers } from "../browser/browsers.mjs";
import { snippets } from "../docs/snippets.mjs";
import { startAuthServer } from "./auth-server.mjs";
import { startServer } from "./bed.mjs";

const recipes = snippets("docs/client.md", "js browser");
const recipe = (text) => recipes.find(({ code }) => code.includes(text)).code;

async function bundle(contents) {
  const result = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["browser"],
    define: { "process.env.NODE_ENV": '"production"' },
    write: false,
    logLevel: "silent",
  });
  return result.outputFiles[0].text.replaceAll("</script", "<\\/script");
}

for (const { name, skip, launch } of browsers) {
  describe(`the recipes of docs/client.md, in ${name}`, { skip }, () => {
    let server;
    let browser;
    before(async () => {
      server = await startServer();
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      await server?.stop();
    });

    for (const [framework, module] of [
      ["React", "react"],
      ["Vue", "vue"],
      ["Svelte", "svelte/store"],
      ["Solid", "solid-js"],
    ]) {
      test(`${framework}: the page follows the session`, async () => {
        const code = await bundle(`${recipe(`from "${module}"`)}\nglobalThis.session = session;`);
        const context = await browser.newContext();
        const page = await context.newPage();
        const html = `<!doctype html><div id="app"></div><script type="module">${code}</script>`;
        await page.route("**/recipe", (route) => route.fulfill({ contentType: "text/html", body: html }));
        await page.goto(`${server.url}/recipe`);
        await page.getByText("Signed out").waitFor();
        await page.evaluate(() => globalThis.session.signIn({ username: "ada", password: "lovelace" }));
        await page.getByText("Hello, Ada Lovelace").waitFor();
        await page.evaluate(() => globalThis.session.signOut());
        await page.getByText("Signed out").waitFor();
        await context.close();
      });
    }

    test("DPoP: a key that stays, nonces, and tokens that are no use without the key", async () => {
      const code = await bundle(`${recipe("dpopKey")}\nObject.assign(globalThis, { session, dpop, signIn });`);
      const html = `<!doctype html><script type="module">${code}</script>`;
      const auth = await startAuthServer({ dpop: { required: true, nonces: "5m" }, page: () => html });
      const context = await browser.newContext();
      const page = await context.newPage();
      const ready = () => page.waitForFunction(() => globalThis.session !== undefined);
      await page.goto(auth.url);
      await ready();
      await page.evaluate(() => globalThis.signIn());
      const call = () => page.evaluate(async () => (await globalThis.session.fetch("/api")).status);
      assert.equal(await call(), 200);
      const refreshed = await page.evaluate(async () => (await globalThis.session.refresh()).status);
      assert.equal(refreshed, "signed-in");
      assert.equal(await call(), 200);
      assert.ok(!auth.events.includes("binding_mismatch"));

      const thumbprint = await page.evaluate(() => globalThis.dpop.thumbprint);
      const { cnf } = await page.evaluate(() => globalThis.session.getSnapshot().claims);
      assert.equal(cnf.jkt, thumbprint);
      // A thief has the refresh token, and no key.
      const stolen = auth.refreshes.at(-1);
      const answer = await fetch(`${auth.url}/auth/token`, {
        method: "POST",
        body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: stolen }),
      });
      assert.equal(answer.status, 400);

      await page.reload();
      await ready();
      assert.equal(await page.evaluate(() => globalThis.dpop.thumbprint), thumbprint, "the key is kept");
      const extractable = await page.evaluate(async () => {
        const database = await new Promise((resolve, reject) => {
          const request = indexedDB.open("tandem-jwt dpop");
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
        const get = database.transaction("keys").objectStore("keys").get("pair");
        return new Promise((resolve) => {
          get.onsuccess = () => resolve(get.result.privateKey.extractable);
        });
      });
      assert.equal(extractable, false);
      await context.close();
      await auth.stop();
    });
  });
}
