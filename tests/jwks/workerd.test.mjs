/** Two isolates in real workerd that share the Cache API: what one has fetched serves the other. */
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { Miniflare, Response } from "miniflare";
import jwt from "tandem-jwt";
import { bundleWorker } from "../../www/build.mjs";
import { keyPair } from "./issuer.mjs";

const one = keyPair("one");
const two = keyPair("two");
const compatibilityDate = "2026-04-01";
let mf;
let fetches = 0;
let answer;

before(async () => {
  const modules = await bundleWorker(path.join(import.meta.dirname, "fixtures/worker.js"));
  const isolate = {
    modules,
    compatibilityDate,
    outboundService: () => {
      fetches++;
      return answer();
    },
  };
  mf = new Miniflare({
    cf: false,
    host: "127.0.0.1",
    port: 0,
    workers: [
      {
        name: "front",
        modules: true,
        script: "export default { fetch: (request, env) => env[request.headers.get('isolate')].fetch(request) };",
        compatibilityDate,
        serviceBindings: { a: "a", b: "b" },
      },
      { ...isolate, name: "a" },
      { ...isolate, name: "b" },
    ],
  });
  await mf.ready;
});

after(() => mf.dispose());

async function ask(isolate, token, more) {
  const headers = { isolate, authorization: `Bearer ${token}`, ...more };
  const response = await mf.dispatchFetch("https://api.example/", { headers });
  return { status: response.status, ...(await response.json()) };
}

test("an issuer that is down on a cold cache is 503, and not the token's fault", async () => {
  answer = () => new Response("", { status: 302, headers: { location: "https://id.example/elsewhere" } });
  assert.deepEqual(await ask("a", one.sign()), { status: 503, code: "ERR_KEYS_UNAVAILABLE" });
  assert.equal(fetches, 1, "the redirect was not followed");
  await new Promise((done) => setTimeout(done, 1100));
});

test("many requests at once in a cold isolate fetch once, and the other isolate not at all", async () => {
  answer = () => Response.json({ keys: [one.jwk] });
  fetches = 0;
  const token = one.sign({ sub: "me" });
  const all = await Promise.all(Array.from({ length: 50 }, () => ask("a", token)));
  assert.ok(all.every(({ status, sub }) => status === 200 && sub === "me"));
  assert.equal(fetches, 1);
  const other = await ask("b", token);
  assert.deepEqual([other.status, other.sub, other.events], [200, "me", ["cached"]]);
  assert.equal(fetches, 1);
});

test("unknown kids, flooding both isolates: 401, and within the cool-down no fetch", async () => {
  fetches = 0;
  const made = Array.from({ length: 40 }, (_, at) =>
    jwt.sign({}, two.privateKey, { algorithm: "RS256", keyid: `${at}` }),
  );
  const all = await Promise.all(made.map((token, at) => ask(at % 2 ? "a" : "b", token)));
  assert.ok(all.every(({ status, code }) => status === 401 && code === "ERR_KEY_NOT_FOUND"));
  assert.equal((await ask("a", one.sign({ sub: "me" }))).sub, "me", "and nothing was evicted");
  assert.deepEqual(await ask("a", two.sign()), { status: 401, code: "ERR_KEY_NOT_FOUND" });
  assert.equal((await ask("b", two.sign())).status, 401);
  assert.equal(fetches, 0);
});

test("the issuer rotates, and what one isolate has fetched serves the other; an outage of an hour ends nothing", async () => {
  answer = () => Response.json({ keys: [two.jwk, one.jwk] });
  fetches = 0;
  const later = (seconds) => ({ later: String(seconds) });
  assert.equal((await ask("a", two.sign({ sub: "new" }), later(31))).sub, "new");
  const other = await ask("b", two.sign({ sub: "new" }), later(31));
  assert.deepEqual([other.sub, other.events], ["new", ["unknown-kid", "cached"]]);
  assert.equal(fetches, 1);

  answer = () => new Response("", { status: 500 });
  for (const isolate of ["a", "b"]) {
    const { sub, events } = await ask(isolate, one.sign({ sub: "old" }), later(3600));
    assert.deepEqual([sub, events], ["old", ["failed", "stale"]], isolate);
  }
  assert.equal((await ask("a", one.sign(), later(2 * 86_400))).status, 503, "a day is enough");
});
