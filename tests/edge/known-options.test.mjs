// A misspelt option of the edge is refused, wherever it stands: ignored, it would leave a route or an API unguarded.

import assert from "node:assert/strict";
import { test } from "node:test";

import { generateKey } from "tandem-jwt";
import { edgeAuth, memoryLimits, protect } from "tandem-jwt/edge";
import { localKeys } from "tandem-jwt/jwks";
import { memoryStore } from "tandem-jwt/session";

const options = {
  store: () => memoryStore(),
  keys: () => ({ access: "a secret of at least thirty-two bytes" }),
  authenticate: () => null,
  routes: {},
  rateLimit: memoryLimits(),
};
const made = (more) => () => edgeAuth({ ...options, ...more });

test("edgeAuth names an option and an event that it does not know", () => {
  made({ on: { reuse() {} } })();
  assert.throws(made({ ratelimit: () => 0 }), {
    name: "TypeError",
    message: /no option "ratelimit": did you mean "rateLimit"\?/,
  });
  assert.throws(made({ csrf: "x-csrf" }), /edgeAuth has no option "csrf": it knows store, keys, /);
  assert.throws(made({ on: { resue() {} } }), /on has no option "resue"/);
  assert.throws(() => edgeAuth({ routes: {}, checkSession: true }), /no option "checkSession"/);
});

test("a route names an option that it does not know, or that is of a wrong type", async () => {
  const wrong = [
    [{ scopes: "admin" }, /route "\/admin\/\*" has no option "scopes"/],
    [{ Scope: "admin" }, /did you mean "scope"\?/],
    [{ scope: ["admin"] }, /scope must be a non-empty string/],
    [{ scope: "" }, /scope must be a non-empty string/],
    [{ checkSession: "true" }, /checkSession must be true or false/],
    [{ optional: 1 }, /optional must be true or false/],
    [{ methods: "GET" }, /methods must be an array/],
    [{ methods: ["get"] }, /methods must be an array/],
  ];
  for (const [route, message] of wrong) {
    const edge = edgeAuth({
      ...options,
      origin: "https://app.example",
      routes: { "/admin/*": { origin: "https://a.example", ...route } },
    });
    await assert.rejects(async () => edge.fetch(new Request("https://app.example/admin/x"), {}), {
      name: "TypeError",
      message,
    });
  }
});

test("protect names an option that it does not know, or that is of a wrong type", () => {
  const issuer = localKeys({ keys: [generateKey("ES256").publicJwk] }, { issuer: "https://issuer.example" });
  const good = { issuer, algorithms: ["ES256"], audience: "api" };
  protect(good);
  const wrong = [
    [{ accepts: () => false }, /protect: it has no option "accepts"/],
    [{ requiredtyp: "at+jwt" }, /did you mean "requiredTyp"\?/],
    [{ accept: true }, /accept must be a function/],
    [{ scope: ["read"] }, /scope must be a string/],
  ];
  for (const [more, message] of wrong) {
    assert.throws(() => protect({ ...good, ...more }), { code: "ERR_JWT_OPTIONS", message });
    assert.throws(() => protect([{ ...good, ...more }]), { code: "ERR_JWT_OPTIONS", message });
  }
});
