// The options of proofs of possession, and what a program can get wrong about them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryStore } from "tandem-jwt/session";

import { holder, TOKEN } from "./dpop-bed.mjs";
import { bed } from "./session-bed.mjs";

const without = { proof: null, method: "POST", url: TOKEN };

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
