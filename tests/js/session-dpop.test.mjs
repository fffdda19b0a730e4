// Sessions that are bound to a key: nobody else refreshes them, or uses their access tokens (RFC 9449).

import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeJwt } from "jose";
import { memoryStore } from "tandem-jwt/session";
import { API, holder, TOKEN } from "./dpop-bed.mjs";
import { bed, START, withoutTransact } from "./session-bed.mjs";

const without = { proof: null, method: "POST", url: TOKEN };

for (const alg of ["ES256", "EdDSA", "PS256", "ES512"]) {
  test(`${alg}: a session lives with the key that it began with`, async () => {
    const { sessions, later, clock, types } = bed();
    const ada = await holder(alg);
    const pair = await sessions.issue({ sub: "ada", scope: "read", dpop: await ada.proof() });
    assert.equal(pair.tokenType, "DPoP");
    assert.deepEqual(decodeJwt(pair.access).cnf, { jkt: ada.jkt });
    assert.equal(
      (await sessions.verify(pair.access, { scope: "read", dpop: await ada.proof({ url: API, access: pair.access }) }))
        .ok,
      true,
    );
    later(60);
    const next = await sessions.refresh(pair.refresh, { dpop: await ada.proof({ at: clock.now }) });
    assert.deepEqual([next.outcome, next.tokenType], ["rotated", "DPoP"]);
    assert.ok(!types().includes("dpop_refused"));
  });
}

test("without the key a token is nothing, and whoever tries ends no session", async () => {
  const { sessions, types } = bed();
  const [ada, thief] = [await holder(), await holder()];
  const pair = await sessions.issue({ sub: "ada", dpop: await ada.proof() });
  for (const dpop of [undefined, without, await thief.proof()]) {
    assert.deepEqual(await sessions.refresh(pair.refresh, { dpop }), {
      ok: false,
      error: "invalid_grant",
      status: 400,
      retryable: false,
    });
  }
  for (const dpop of [undefined, without, await thief.proof({ url: API, access: pair.access })]) {
    assert.deepEqual(await sessions.verify(pair.access, { dpop, checkSession: true }), {
      ok: false,
      error: "invalid_token",
      status: 401,
      reason: "ERR_DPOP_KEY",
    });
  }
  assert.deepEqual(types(), ["issued", ...Array(6).fill("binding_mismatch")]);
  assert.equal(
    (
      await sessions.verify(pair.access, {
        checkSession: true,
        dpop: await ada.proof({ url: API, access: pair.access }),
      })
    ).ok,
    true,
  );
  assert.equal((await sessions.refresh(pair.refresh, { dpop: await ada.proof() })).outcome, "rotated");
});

test("a session without a key takes no proof", async () => {
  const { sessions } = bed();
  const ada = await holder();
  const pair = await sessions.issue({ sub: "ada" });
  assert.equal(pair.tokenType, "Bearer");
  assert.equal((await sessions.refresh(pair.refresh, { dpop: await ada.proof() })).error, "invalid_grant");
  assert.equal(
    (await sessions.verify(pair.access, { dpop: await ada.proof({ access: pair.access }) })).reason,
    "ERR_DPOP_KEY",
  );
  assert.equal((await sessions.refresh(pair.refresh, { dpop: without })).ok, true);
});

test("a proof is of one request, at one time, and used once", async () => {
  const { sessions, events } = bed();
  const ada = await holder();
  const pair = await sessions.issue({ sub: "ada", dpop: await ada.proof() });
  const used = await ada.proof({ url: API, access: pair.access });
  assert.equal((await sessions.verify(pair.access, { dpop: used })).ok, true);
  const bad = {
    ERR_DPOP_REPLAYED: [used],
    ERR_DPOP_MISMATCH: [
      await ada.proof({ url: API, access: "another" }),
      await ada.proof({ url: API }),
      { ...(await ada.proof({ url: API, access: pair.access })), method: "PUT" },
      await ada.proof({ url: API, access: pair.access, as: "https://api.example/orders/8" }),
      await ada.proof({ url: API, access: pair.access, as: "http://api.example/orders/7" }),
      await ada.proof({ url: API, access: pair.access, as: "https://api.example:8443/orders/7" }),
      await ada.proof({ url: API, access: pair.access, as: "no url" }),
    ],
    ERR_DPOP_EXPIRED: [
      await ada.proof({ url: API, access: pair.access, at: START - 61 }),
      await ada.proof({ url: API, access: pair.access, at: START + 11 }),
    ],
    ERR_DPOP_PROOF: [
      { ...used, proof: "" },
      { ...used, proof: pair.access },
      { ...used, proof: `${used.proof}, ${used.proof}` },
      { ...used, proof: "x".repeat(20_000) },
    ],
  };
  for (const [reason, requests] of Object.entries(bad)) {
    for (const dpop of requests) {
      assert.deepEqual(await sessions.verify(pair.access, { dpop }), {
        ok: false,
        error: "invalid_dpop_proof",
        status: 401,
        reason,
      });
      assert.deepEqual(events.at(-1), { type: "dpop_refused", reason, sid: pair.sid, sub: "ada" });
    }
  }
  // What the sender of a refresh token is told says nothing of why.
  const again = await ada.proof();
  assert.equal((await sessions.refresh(pair.refresh, { dpop: again })).ok, true);
  assert.deepEqual(await sessions.refresh(pair.refresh, { dpop: again }), {
    ok: false,
    error: "invalid_dpop_proof",
    status: 400,
    retryable: true,
  });
  await assert.rejects(async () => sessions.issue({ sub: "ada", dpop: again }), { code: "ERR_DPOP_REPLAYED" });
  assert.deepEqual(events.at(-1), { type: "dpop_refused", reason: "ERR_DPOP_REPLAYED", sub: "ada" });
});

test("a proof by another key costs the store nothing", async () => {
  let asked = 0;
  const store = memoryStore();
  const { sessions } = bed({
    store: {
      ...store,
      firstUse: async (...all) => {
        asked += 1;
        return store.firstUse(...all);
      },
    },
  });
  const [ada, thief] = [await holder(), await holder()];
  const [bound, free] = [
    await sessions.issue({ sub: "ada", dpop: await ada.proof() }),
    await sessions.issue({ sub: "ada" }),
  ];
  assert.equal(asked, 1);
  for (const { access } of [bound, free]) {
    assert.equal(
      (await sessions.verify(access, { dpop: await thief.proof({ url: API, access }) })).reason,
      "ERR_DPOP_KEY",
    );
  }
  assert.equal(asked, 1);
});

test("a token that gets nothing costs the store no proof", async () => {
  let written = 0;
  const store = memoryStore();
  const counting =
    (method) =>
    async (...all) => {
      written += 1;
      return store[method](...all);
    };
  const { sessions } = bed({
    store: {
      ...withoutTransact(store),
      ...Object.fromEntries(["create", "compareAndSet", "firstUse"].map((method) => [method, counting(method)])),
    },
  });
  const [ada, thief] = [await holder(), await holder()];
  const [bound, free, ended] = [
    await sessions.issue({ sub: "ada", dpop: await ada.proof() }),
    await sessions.issue({ sub: "ada" }),
    await sessions.issue({ sub: "ada", dpop: await ada.proof() }),
  ];
  await sessions.revoke(ended.refresh);
  written = 0;
  for (let i = 0; i < 50; i++) {
    for (const [token, by] of [
      [bound, thief],
      [free, thief],
      [ended, ada],
    ]) {
      assert.equal((await sessions.refresh(token.refresh, { dpop: await by.proof() })).error, "invalid_grant");
      const stepped = await sessions.stepUp(token.refresh, { acr: "mfa", dpop: await by.proof() });
      assert.equal(stepped.error, "invalid_grant");
    }
    const dpop = await ada.proof({ url: API, access: ended.access });
    assert.equal((await sessions.verify(ended.access, { checkSession: true, dpop })).reason, "ERR_SESSION_REVOKED");
  }
  assert.equal(written, 0);
  assert.equal((await sessions.refresh(bound.refresh, { dpop: await ada.proof() })).outcome, "rotated");
});

test("proofs may be required", async () => {
  const { sessions } = bed({ dpop: { required: true } });
  for (const dpop of [undefined, without])
    await assert.rejects(async () => sessions.issue({ sub: "ada", dpop }), { code: "ERR_DPOP_PROOF" });
  assert.equal((await sessions.issue({ sub: "ada", dpop: await (await holder()).proof() })).tokenType, "DPoP");
});

test("each wrong option of proofs is named", () => {
  const { make } = bed();
  for (const [dpop, message] of [
    [null, /dpop must be an object/],
    [true, /dpop must be an object/],
    [{ nonce: "5m" }, /dpop has no option "nonce"/],
    [{ required: "yes" }, /dpop\.required/],
    [{ nonces: "500ms" }, /dpop\.nonces must be from 1 second/],
    [{ nonces: 0 }, /dpop\.nonces/],
    [{ nonces: "2h" }, /dpop\.nonces/],
    [{ maxAge: 0 }, /dpop\.maxAge/],
    [{ maxAge: "10y" }, /dpop\.maxAge/],
    [{ maxAge: "60" }, /dpop\.maxAge/],
  ]) {
    assert.throws(() => make({ dpop }), { code: "ERR_SESSION_OPTIONS", message }, JSON.stringify(dpop));
  }
  assert.throws(() => make({ dpop: {}, store: { ...memoryStore(), firstUse: undefined } }), { message: /firstUse/ });
});

test("targets are compared as URLs", async () => {
  const { sessions } = bed();
  const ada = await holder();
  const pair = await sessions.issue({ sub: "ada", dpop: await ada.proof() });
  for (const [url, as] of [
    ["https://api.example/a?b=c#d", "https://api.example/a"],
    ["https://API.example:443/a", "https://api.example/a?x"],
    ["https://api.example/%7Ea%2f", "https://api.example/~a%2F"],
    ["https://api.example", "https://api.example/"],
  ]) {
    assert.equal(
      (await sessions.verify(pair.access, { dpop: await ada.proof({ url, as, access: pair.access }) })).ok,
      true,
      url,
    );
  }
});

test("nonces: asked for, given out, and good for as long again", async () => {
  const { make, later, clock } = bed({ dpop: { nonces: "5m" } });
  const [sessions, another] = [make(), make()];
  const ada = await holder();
  // The clock of the sender is off by days, and it does not matter.
  const proof = (nonce) => ada.proof({ nonce, at: 5 });
  await assert.rejects(async () => sessions.issue({ sub: "ada", dpop: await proof() }), { code: "ERR_DPOP_NONCE" });
  const nonce = sessions.dpopNonce();
  const pair = await sessions.issue({ sub: "ada", dpop: await proof(nonce) });
  const told = await sessions.refresh(pair.refresh, { dpop: await proof("old") });
  assert.deepEqual(told, { ok: false, error: "use_dpop_nonce", status: 400, retryable: true, dpopNonce: nonce });
  assert.equal((await another.refresh(pair.refresh, { dpop: await proof(told.dpopNonce) })).ok, true);
  clock.now = START - (START % 300) + 599;
  assert.notEqual(sessions.dpopNonce(), nonce);
  assert.equal((await another.refresh(pair.refresh, { dpop: await proof(nonce) })).outcome, "recovered");
  later(1);
  assert.equal((await another.refresh(pair.refresh, { dpop: await proof(nonce) })).error, "use_dpop_nonce");
  const verified = await sessions.verify(pair.access, { dpop: await ada.proof({ access: pair.access }) });
  assert.deepEqual(verified, {
    ok: false,
    error: "use_dpop_nonce",
    status: 401,
    reason: "ERR_DPOP_NONCE",
    dpopNonce: sessions.dpopNonce(),
  });
  assert.equal(bed().sessions.dpopNonce(), undefined);
});

test("a bound session recovers by bearer too, and is stepped up with its key", async () => {
  const { sessions, later, clock } = bed();
  const ada = await holder();
  const first = await sessions.issue({ sub: "ada", dpop: await ada.proof() });
  await sessions.refresh(first.refresh, { dpop: await ada.proof() });
  later(3_600);
  const proof = () => ada.proof({ at: clock.now });
  const recovered = await sessions.refresh(first.refresh, { dpop: await proof() });
  assert.equal(recovered.outcome, "recovered");
  later(60);
  assert.equal((await sessions.stepUp(recovered.refresh, { acr: "mfa" })).error, "invalid_grant");
  const raised = await sessions.stepUp(recovered.refresh, { acr: "mfa", dpop: await proof() });
  assert.deepEqual([raised.tokenType, raised.claims.cnf.jkt], ["DPoP", ada.jkt]);
});

test("a store that is down, or remembers no proofs", async () => {
  const { signIn, make, types, store: full } = bed();
  const ada = await holder();
  const pair = await signIn({ dpop: await ada.proof() });
  const cookie = { transport: "cookie" };
  const store = memoryStore();
  const forgetful = make({ store: { ...store, firstUse: undefined } });
  const another = make({ store: { ...full, firstUse: undefined } });
  await assert.rejects(
    async () => forgetful.issue({ sub: "ada", dpop: await ada.proof() }),
    ({ code, cause }) => code === "ERR_STORE_UNAVAILABLE" && /firstUse/.test(cause.message),
  );
  assert.equal(
    (await another.refresh(pair.refresh, { ...cookie, dpop: await ada.proof() })).error,
    "temporarily_unavailable",
  );
  const down = make({ store: { ...withoutTransact(full), firstUse: async () => Promise.reject(new Error("away")) } });
  assert.deepEqual(await down.refresh(pair.refresh, { ...cookie, dpop: await ada.proof() }), {
    ok: false,
    error: "temporarily_unavailable",
    status: 503,
    retryable: true,
    retryAfter: 1,
  });
  const bound = await make().issue({ sub: "ada", dpop: await ada.proof() });
  assert.equal(
    (await down.verify(bound.access, { dpop: await ada.proof({ access: bound.access }) })).error,
    "temporarily_unavailable",
  );
  await assert.rejects(async () => down.issue({ sub: "ada", dpop: await ada.proof() }), {
    code: "ERR_STORE_UNAVAILABLE",
  });
  assert.equal(types().filter((type) => type === "store_failed").length, 3);
});

test("mistakes of a program are said", async () => {
  const { sessions } = bed();
  const { proof } = await (await holder()).proof();
  for (const dpop of [
    null,
    {},
    { proof, method: "POST" },
    { proof, method: "", url: TOKEN },
    { proof, method: "POST", url: "/auth/token" },
    { proof: 5, method: "POST", url: TOKEN },
    { proof, method: "POST", url: "ftp://id.example/" },
    { proof, method: "POST", url: "https://ada@id.example/" },
  ]) {
    await assert.rejects(
      async () => sessions.issue({ sub: "ada", dpop }),
      { code: "ERR_SESSION_REQUEST", message: /dpop/ },
      JSON.stringify(dpop),
    );
  }
});

test("neither proofs nor nonces are kept after their time", async () => {
  const clock = { now: START };
  const store = memoryStore({ nowMs: () => clock.now * 1000 });
  const subject = { iss: "i", sub: "s" };
  assert.equal(await store.firstUse(subject, "a", START + 10), true);
  clock.now += 9;
  assert.equal(await store.firstUse(subject, "a", START + 10), false);
  clock.now += 1;
  assert.equal(await store.firstUse(subject, "a", START + 30), true);
});
