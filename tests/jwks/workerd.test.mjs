/** Two isolates in real workerd that share the Cache API: what one has fetched serves the other. */
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { Miniflare, Response } from "miniflare";
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

async function ask(isolate, token) {
  const headers = { isolate, authorization: `Bearer ${token}` };
  const response = await mf.dispatchFetch("https://api.example/", { headers });
  return { status: response.status, ...(await response.json()) };
}

test("an issuer that is down on a cold cache is 503, and no fault of the token", async () => {
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

test("an unknown kid is 401 and within the cool-down fetches nothing", async () => {
  fetches = 0;
  assert.deepEqual(await ask("a", two.sign()), { status: 401, code: "ERR_KEY_NOT_FOUND" });
  assert.equal((await ask("b", two.sign())).status, 401);
  assert.equal(fetches, 0);
});
