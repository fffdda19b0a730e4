/** Tokens of a real OpenID provider, in front of APIs of several kinds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, verifyAsync } from "tandem-jwt";
import { remoteKeys } from "tandem-jwt/jwks";
import {
  boundWorker,
  byBoundEdge,
  byBoundProtect,
  byDocs,
  byEdge,
  byExpress,
  byPassport,
  byProtect,
  byWorker,
  hono,
} from "./guards.mjs";
import { keyPair } from "./issuer.mjs";
import { API, startProvider } from "./provider.mjs";

const first = keyPair("first");
const second = keyPair("second");

/** A clock that can be put forward, the keys of the issuer, and guards that share both. */
async function bed(t, provider) {
  const clock = { ahead: 0 };
  const now = () => Math.floor(Date.now() / 1000) + clock.ahead;
  const events = [];
  const keys = remoteKeys.ofIssuer(provider.url, { now, on: ({ type }) => events.push(type) });
  const api = { keys, issuer: provider.url, audience: API, now };
  const guards = {
    Hono: hono(api),
    Express: await byProtect(t, api),
    "the edge": await byEdge(t, api),
    "express-jwt": await byExpress(t, api),
    passport: await byPassport(t, api),
  };
  return { clock, keys, events, guards };
}

async function answers(guards, token) {
  const asked = Object.entries(guards).map(async ([name, ask]) => {
    const response = await ask(token);
    return [name, response.status === 200 ? (await response.json()).sub : response.status];
  });
  return Object.fromEntries(await Promise.all(asked));
}

const all = (guards, answer) => Object.fromEntries(Object.keys(guards).map((name) => [name, answer]));

test("a sign-in by openid-client: its access token passes, and no other token does", async (t) => {
  const provider = await startProvider(t, [first, second]);
  const { guards } = await bed(t, provider);
  const api = { issuer: provider.url, audience: API };
  guards["protect in workerd"] = await byWorker(t, "protect.js", api);
  guards["the edge in workerd"] = await byWorker(t, "edge.js", api);
  const { access_token: access, id_token: id } = await provider.signIn("ada", "read");
  const { header, payload } = decode(access, { complete: true });
  assert.deepEqual([header.typ, header.kid, payload.iss, payload.aud], ["at+jwt", "first", provider.url, API]);

  assert.deepEqual(await answers(guards, access), all(guards, "ada"));
  assert.deepEqual(await answers(guards, undefined), all(guards, 401));
  assert.deepEqual(await answers(guards, id), all(guards, 401));
  assert.deepEqual(await answers(guards, `${access.slice(0, -4)}AAAA`), all(guards, 401));
  // Rightly signed by the issuer, and for another API.
  const foreign = first.sign({ iss: provider.url, aud: "https://other.example", sub: "ada", exp: 2e9, scope: "read" });
  assert.deepEqual(await answers(guards, foreign), all(guards, 401));
});

test("the Worker of docs/edge.md, as it stands there, in workerd", async (t) => {
  const provider = await startProvider(t, [first]);
  const ask = await byDocs(t, "API", provider.url);
  const { access_token: access } = await provider.signIn("ada", "orders");
  const passed = await ask("/orders/1", access);
  assert.deepEqual([passed.status, await passed.text()], [200, `Bearer ${access}`]);
  assert.equal((await ask("/orders/1")).status, 401);
  const open = await ask("/");
  assert.deepEqual([open.status, await open.text()], [200, "a stranger"]);
  const { access_token: poor } = await provider.signIn("ada", "read");
  assert.equal((await ask("/orders/1", poor)).status, 403);
});

test("a token that lacks the scope is 403, and the challenge names it", async (t) => {
  const provider = await startProvider(t, [first]);
  const { guards } = await bed(t, provider);
  const { access_token: access } = await provider.signIn("ada", "write");
  for (const name of ["Hono", "Express", "the edge"]) {
    const response = await guards[name](access);
    assert.equal(response.status, 403, name);
    assert.equal(response.headers.get("www-authenticate"), 'Bearer error="insufficient_scope", scope="read"');
  }
});

test("a token that is bound to a key: with the client's own proofs it passes, and copied it does not", async (t) => {
  const provider = await startProvider(t, [first]);
  const { keys } = await bed(t, provider);
  const { tokens, ask } = await provider.signInBound("ada", "read");
  const { payload } = decode(tokens.access_token, { complete: true });
  assert.deepEqual([tokens.token_type, typeof payload.cnf.jkt], ["dpop", "string"]);

  for (const make of [byBoundProtect, byBoundEdge]) {
    const { url, seen } = await make(t, { keys, audience: API });
    for (const _ of [1, 2]) {
      const response = await ask(url);
      assert.deepEqual([response.status, (await response.json()).sub], [200, "ada"]);
    }
    const [{ authorization, dpop }] = seen;
    const again = async (headers) => {
      const response = await fetch(url, { headers });
      return [response.status, response.headers.get("www-authenticate")];
    };
    assert.deepEqual(await again({ authorization, dpop }), [401, 'DPoP error="invalid_dpop_proof"'], "a proof twice");
    assert.deepEqual(await again({ authorization }), [401, 'DPoP error="invalid_dpop_proof"']);
    const asBearer = { authorization: `Bearer ${tokens.access_token}` };
    assert.deepEqual(await again(asBearer), [401, 'Bearer error="invalid_token"']);
  }
});

test("the same in workerd, where the address of the request is believed", async (t) => {
  const provider = await startProvider(t, [first]);
  const { tokens, ask } = await provider.signInBound("ada", "read");
  for (const name of ["protect.js", "edge.js"]) {
    const url = await boundWorker(t, name, { issuer: provider.url, audience: API });
    for (const _ of [1, 2]) {
      const response = await ask(url);
      assert.deepEqual([response.status, (await response.json()).sub], [200, "ada"], name);
    }
    const copied = await fetch(url, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    assert.deepEqual([copied.status, copied.headers.get("www-authenticate")], [401, 'Bearer error="invalid_token"']);
    const nobody = await fetch(url);
    assert.match(nobody.headers.get("www-authenticate"), /^Bearer, DPoP algs="RS256 /);
  }
});

test("a thousand requests at once on cold keys: the issuer is asked once", async (t) => {
  const provider = await startProvider(t, [first]);
  const { keys } = await bed(t, provider);
  const { access_token: access } = await provider.signIn("ada", "read");
  const before = provider.fetches;
  const expected = { algorithms: ["RS256"], issuer: provider.url, audience: API };
  const claims = await Promise.all(Array.from({ length: 1000 }, () => verifyAsync(access, keys, expected)));
  assert.ok(claims.every(({ sub }) => sub === "ada"));
  assert.equal(provider.fetches - before, 1);
});

test("the issuer rotates: new tokens pass, those of before too, until the key is withdrawn", async (t) => {
  const provider = await startProvider(t, [first]);
  const { clock, guards } = await bed(t, provider);
  const { access_token: old } = await provider.signIn("ada", "read");
  assert.deepEqual(await answers(guards, old), all(guards, "ada"));

  provider.rotate([second, first]);
  const { access_token: young } = await provider.signIn("alan", "read");
  assert.equal(decode(young, { complete: true }).header.kid, "second");
  assert.deepEqual(await answers(guards, young), all(guards, 401), "within the cool-down");
  clock.ahead = 31;
  assert.deepEqual(await answers(guards, young), all(guards, "alan"));
  assert.deepEqual(await answers(guards, old), all(guards, "ada"));

  provider.rotate([second]);
  clock.ahead = 31 + 600;
  assert.deepEqual(await answers(guards, young), all(guards, "alan"));
  assert.deepEqual(await answers(guards, old), all(guards, 401));
});

test("an outage: known keys serve on, unknown ones are 401, a cold start is 503, and then all is well", async (t) => {
  const provider = await startProvider(t, [first]);
  const { clock, events, guards } = await bed(t, provider);
  const cold = await bed(t, provider);
  const { access_token: access } = await provider.signIn("ada", "read");
  assert.deepEqual(await answers(guards, access), all(guards, "ada"));

  provider.down = true;
  clock.ahead = 800;
  assert.deepEqual(await answers(guards, access), all(guards, "ada"));
  assert.ok(events.includes("stale"));
  const unknown = second.sign({ iss: provider.url, aud: API, sub: "eve", exp: 2e9, scope: "read" });
  assert.deepEqual(await answers(guards, unknown), all(guards, 401));
  assert.deepEqual(await answers(cold.guards, access), all(guards, 503));

  provider.down = false;
  cold.clock.ahead = 60;
  assert.deepEqual(await answers(cold.guards, access), all(guards, "ada"));
  clock.ahead = 901;
  assert.deepEqual(await answers(guards, access), all(guards, 401), "its own time has passed");
});

test("discovery of another issuer's name is refused", async (t) => {
  const provider = await startProvider(t, [first]);
  const keys = remoteKeys.ofIssuer(`${provider.url}/`);
  await assert.rejects(keys({ alg: "RS256", kid: "first" }), { code: "ERR_KEYS_UNAVAILABLE" });
});
