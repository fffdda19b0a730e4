/** The token bench and the race, in the page: every algorithm, judged by other code than the page's. */
import assert from "node:assert/strict";
import { createPublicKey, createSecretKey, verify as verifyByNode } from "node:crypto";
import { after, before, test } from "node:test";
import { compactVerify, importJWK } from "jose";
import { generateKey, sign, verify } from "tandem-jwt";

import { inBrowsers } from "./browsers.mjs";
import { openBench, openPage, startDemo } from "./demo-page.mjs";

const HMAC = ["HS256", "HS384", "HS512"];
const RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const CURVES = ["ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
const OWN = ["ES256K", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];

inBrowsers("the bench", ({ launch }) => {
  let demo;
  let browser;
  let page;
  let context;
  let problems;
  before(async () => {
    demo = await startDemo();
    browser = await launch();
    ({ page, context, problems } = await openPage(browser, demo.url, { reducedMotion: "reduce" }));
    await openBench(page);
  });
  after(async () => {
    assert.deepEqual(problems, []);
    await context?.close();
    await browser?.close();
    await demo?.stop();
  });

  const token = () => page.locator("#token").inputValue();
  const header = async () => JSON.parse(Buffer.from((await token()).split(".")[0], "base64url").toString());
  const verdict = (text) => page.locator("#verdict").getByText(text).waitFor();
  const valid = () => page.locator("#verdict.good").waitFor();
  const button = (name) => page.getByRole("button", { name, exact: true });
  const signedBy = (algorithm) =>
    page.waitForFunction((wanted) => {
      try {
        return JSON.parse(atob(document.querySelector("#token").value.split(".")[0])).alg === wanted;
      } catch {
        return false;
      }
    }, algorithm);
  const choose = async (algorithm) => {
    await page.getByRole("radio", { name: algorithm, exact: true }).check();
    await signedBy(algorithm);
  };
  const spell = (name) => page.locator("#spellings").getByRole("radio", { name, exact: true }).check();
  const publicKey = () => page.getByLabel("Key to verify with").inputValue();

  test("comes when somebody comes near, with what secrets need; the rest comes with the first key that is none", async () => {
    for (const needs of [
      (visit) => visit.getByRole("radio", { name: "ES256", exact: true }).check(),
      (visit) => visit.locator("#spellings").getByRole("radio", { name: "JWK", exact: true }).check(),
      (visit) => visit.getByLabel("Key to verify with").fill(generateKey("EdDSA").publicKey),
    ]) {
      const visit = await openPage(browser, demo.url, { reducedMotion: "reduce" });
      const asked = [];
      visit.page.on("request", (request) => asked.push(new URL(request.url()).pathname.slice(1)));
      const late = () => asked.filter((name) => /^((core|keys)\.wasm|(bench|every-key|speed)-.*\.js)$/.test(name));
      await visit.page.waitForLoadState("networkidle");
      assert.deepEqual(late(), []);
      // The race, which needs every key, stays out of sight wherever the browser scrolls.
      await visit.page.locator("#speed").evaluate((race) => {
        race.style.marginTop = "3000px";
      });
      await openBench(visit.page);
      await visit.page.waitForLoadState("networkidle");
      assert.deepEqual(late().map(withoutHash).toSorted(), ["bench", "core.wasm"]);
      assert.ok(await visit.page.locator("#verdict.good").isVisible(), "a secret signs and verifies by then");
      const came = visit.page.waitForResponse(/keys\.wasm$/);
      await needs(visit.page);
      await came;
      assert.deepEqual(late().map(withoutHash).toSorted(), ["bench", "core.wasm", "every-key", "keys.wasm"]);
      // What was asked for meanwhile is done with them.
      await visit.page.locator("#verdict").filter({ hasNotText: "ERR_KEY_UNSUPPORTED" }).waitFor();
      assert.deepEqual(visit.problems, []);
      await visit.context.close();
    }
  });

  test("keys that cannot be brought are said to be missing, and brought when they are asked for again", async () => {
    const visit = await openPage(browser, demo.url, { reducedMotion: "reduce" });
    await openBench(visit.page);
    await visit.page.route("**/keys.wasm", (route) => route.abort());
    await visit.page.getByRole("radio", { name: "ES256", exact: true }).check();
    await visit.page.locator("#bench-problem").filter({ hasText: /./ }).waitFor();
    assert.match(await visit.page.locator("#decoded-header").innerText(), /"alg": "HS256"/, "what was there still is");
    await visit.page.unroute("**/keys.wasm");
    await visit.page.getByRole("radio", { name: "ES384", exact: true }).check();
    await visit.page.locator("#decoded-header").filter({ hasText: '"alg": "ES384"' }).waitFor();
    assert.ok(await visit.page.locator("#bench-problem").isHidden());
    await visit.context.close();
  });

  for (const algorithm of [...HMAC, ...RSA, ...CURVES, ...OWN]) {
    test(`${algorithm}: signed in the page, as JWK, JWKS and text; tampering is found out in each part`, async () => {
      await spell(/^(Text|PEM)$/);
      await choose(algorithm);
      await valid();
      await judged(algorithm, await token(), await publicKey());
      for (const spelling of ["JWK", "JWKS"]) {
        await spell(spelling);
        await valid();
        const key = JSON.parse(await publicKey());
        assert.equal(spelling === "JWKS" ? key.keys[0].alg : key.alg, algorithm);
        assert.equal((await header()).kid, spelling === "JWKS" ? key.keys[0].kid : undefined);
        await judged(algorithm, await token(), spelling === "JWKS" ? key.keys[0] : key);
      }
      for (const part of ["header", "payload", "signature"]) {
        await page.getByRole("button", { name: "Sign", exact: true }).click();
        await valid();
        const before = (await token()).split(".");
        await button(part).click();
        const after = (await token()).split(".");
        assert.deepEqual(
          before.map((text, at) => text === after[at]),
          ["header", "payload", "signature"].map((name) => name !== part),
        );
        assert.equal(await page.locator("#token-colours .lie").count(), 1, "the change is marked");
        await page.locator("#verdict.bad").waitFor();
        const shown = await page.locator("#verdict").innerText();
        const { name, message, code } = errorOf(await token(), await publicKey());
        for (const word of [name, message, code]) assert.ok(shown.includes(word), `${word} in ${shown}`);
      }
    });
  }

  test("a pasted token is decoded first, whoever signed it, and verified by any key", async () => {
    const { publicKey: pem, privateKey, publicJwk } = generateKey("ES384");
    const foreign = sign({ sub: "somebody", exp: 1_000 }, privateKey, { algorithm: "ES384", keyid: publicJwk.kid });
    await page.locator("#token").fill(foreign);
    assert.match(await page.locator("#decoded-header").innerText(), /"alg": "ES384"/);
    assert.match(await page.locator("#decoded-payload").innerText(), /"sub": "somebody"[\s\S]*"exp": 1000,\s.*1970/);
    await page.locator("#verdict.bad").waitFor();
    for (const key of [pem, JSON.stringify(publicJwk), JSON.stringify({ keys: [publicJwk] })]) {
      await page.getByLabel("Key to verify with").fill(key);
      await verdict("jwt expired");
      await verdict("ERR_JWT_EXPIRED");
    }
    await page.getByLabel("Key to verify with").fill('{"kty":');
    await verdict("The key begins like JSON but is not JSON.");
    await page.getByLabel("Key to verify with").fill(pem);
    await page.locator("#token").fill("three.dots..");
    await verdict("ERR_JWT_MALFORMED");
    assert.equal(await page.locator("#decoded-header").innerText(), "This is not a token.");
  });

  test("keys of one's own, new keys, a payload that is none, an end that comes", async () => {
    await spell(/^(Text|PEM)$/);
    await choose("HS256");
    await page.getByLabel("Key, which both sides know").fill("my own");
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await valid();
    assert.equal(verify(await token(), "my own").userId, "12345");
    await page.getByLabel("Key to verify with").fill("another");
    await verdict("ERR_JWT_SIGNATURE");
    await button("New keys").click();
    await valid();
    const made = await publicKey();
    assert.notEqual(made, "another");
    assert.equal(verify(await token(), made).userId, "12345");

    await page.getByLabel("Payload", { exact: true }).fill("{ not json");
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await page.locator("#bench-problem").filter({ hasText: "JSON" }).waitFor();
    await page.getByLabel("Payload", { exact: true }).fill('{"role":"admin"}');
    await page.getByLabel("Expires in", { exact: true }).fill("soon");
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await page.locator("#bench-problem").filter({ hasText: "ERR_JWT_OPTIONS" }).waitFor();
    await page.getByLabel("Expires in", { exact: true }).fill("1s");
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await page.locator("#decoded-payload").getByText("admin").waitFor();
    await verdict("jwt expired");
  });

  test("by keyboard: the pills are radio buttons", async () => {
    await choose("HS256");
    await page.getByRole("radio", { name: "HS256" }).press("ArrowRight");
    assert.ok(await page.getByRole("radio", { name: "HS384" }).isChecked());
    await signedBy("HS384");
    await valid();
  });

  test("the race has a time for each contender, and a bar as long as it", async () => {
    await page.locator("#speed").scrollIntoViewIfNeeded();
    await page.locator("#speed[data-ready]").waitFor({ timeout: 90_000 });
    const rows = await page.locator(".races tbody tr").evaluateAll((found) =>
      found.map((row) =>
        [...row.querySelectorAll("td")].map((cell) =>
          [...cell.querySelectorAll(".race-bar")].map((bar) => ({
            name: bar.querySelector(".racer").textContent,
            time: bar.querySelector("b").textContent,
            width: Number.parseFloat(bar.querySelector("i").style.width),
          })),
        ),
      ),
    );
    const both = ["tandem-jwt, wasm", "WebCrypto"];
    assert.deepEqual(
      rows.map((cells) => cells.map((bars) => bars.map(({ name }) => name))),
      [
        [both, both],
        [
          [...both, "@noble/curves"],
          [...both, "@noble/curves"],
        ],
        [both, [...both, "BigInt, by hand"]],
        [both, both],
      ],
    );
    for (const bars of rows.flat()) {
      const times = bars.map(({ time }) => Number.parseFloat(time) * (time.endsWith("ms") ? 1_000 : 1));
      assert.ok(times.every((time) => time > 0));
      const slowest = Math.max(...times);
      // Times are shown rounded, so near ties say nothing.
      for (const [at, { width }] of bars.entries())
        assert.ok(Math.abs(width - Math.max(1.5, (100 * times[at]) / slowest)) < 10, `${width} % for ${bars[at].time}`);
    }
  });
});

const withoutHash = (name) => name.replace(/-\w+\.js$/, "");

/** By code that is not ours, wherever there is some. */
async function judged(algorithm, token, key) {
  assert.equal(verify(token, key).userId, "12345");
  if (algorithm.startsWith("ML-DSA")) return;
  const input = typeof key === "string" && HMAC.includes(algorithm) ? Buffer.from(key) : key;
  if (algorithm === "ES256K") {
    const [head, body, signature] = token.split(".");
    const open = typeof key === "string" ? createPublicKey(key) : createPublicKey({ key, format: "jwk" });
    const data = Buffer.from(`${head}.${body}`);
    assert.ok(
      verifyByNode("sha256", data, { key: open, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url")),
    );
    return;
  }
  const imported = Buffer.isBuffer(input)
    ? createSecretKey(input)
    : typeof input === "string"
      ? createPublicKey(input)
      : await importJWK(input, algorithm);
  const { payload } = await compactVerify(token, imported);
  assert.equal(JSON.parse(new TextDecoder().decode(payload)).role, "user");
}

/** What the package says in Node, word for word. */
function errorOf(token, key) {
  try {
    verify(token, key.trim().startsWith("{") ? JSON.parse(key) : key);
  } catch (error) {
    return error;
  }
  throw new Error("the lie was believed");
}
