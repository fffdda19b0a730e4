/** `protect`: the guard of an API that only verifies. */
import assert from "node:assert/strict";
import { test } from "node:test";
import jwt from "tandem-jwt";
import { protect } from "tandem-jwt/edge";
import { localKeys, remoteKeys, trustIssuers } from "tandem-jwt/jwks";
import { keyPair } from "../jwks/issuer.mjs";

const ISSUER = "https://id.example/";
const API = "https://api.example";
const NOW = 1_800_000_000;
const rsa = keyPair("rsa");
const ec = keyPair("ec", "ES256");
const keys = localKeys({ keys: [rsa.jwk, ec.jwk] }, { issuer: ISSUER });
const options = { issuer: keys, algorithms: ["RS256", "ES256"], audience: API, now: () => NOW };
const claims = { iss: ISSUER, aud: API, sub: "ada", scope: "read write", iat: NOW, exp: NOW + 900 };
const guard = protect(options);

const request = (authorization) =>
  new Request(`${API}/me`, authorization === undefined ? {} : { headers: { authorization } });
const bearer = (token) => request(`Bearer ${token}`);
const signed = (change = {}) => rsa.sign(JSON.parse(JSON.stringify({ ...claims, ...change })));

async function shown({ response, claims: found }) {
  if (!response) return { sub: found.sub };
  const { error } = await response.json();
  return { status: response.status, error, challenge: response.headers.get("www-authenticate") };
}

const INVALID = { status: 401, error: "invalid_token", challenge: 'Bearer error="invalid_token"' };

test("a good token gives its claims and itself", async () => {
  const token = signed();
  const found = await guard(bearer(token), { scope: "read" });
  assert.deepEqual([found.response, found.token, found.claims.sub], [undefined, token, "ada"]);
  assert.deepEqual(await shown(await guard(bearer(ec.sign(claims)))), { sub: "ada" });
  for (const header of [`bearer ${token}`, `BEARER   ${token}  `])
    assert.deepEqual(await shown(await guard(request(header))), { sub: "ada" }, header);
});

test("no token is 401 without an error, as RFC 6750 asks, and what is no token is 400", async () => {
  for (const header of [undefined, "", "  "])
    assert.deepEqual(await shown(await guard(request(header))), { ...INVALID, challenge: "Bearer" });
  const token = signed();
  for (const header of [
    "Bearer",
    `Basic ${btoa("a:b")}`,
    token,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer ${token} x`,
  ]) {
    const answer = await shown(await guard(request(header)));
    assert.deepEqual([answer.status, answer.error], [400, "invalid_request"], header);
  }
});

test("a token is for this API, of this issuer, of this time, and signed by it", async () => {
  const stranger = keyPair("rsa");
  const bad = {
    audience: signed({ aud: "https://other.example" }),
    "no audience": signed({ aud: undefined }),
    issuer: signed({ iss: "https://id.example" }),
    expired: signed({ exp: NOW }),
    "without an end": signed({ exp: undefined }),
    "not yet": signed({ nbf: NOW + 1 }),
    forged: stranger.sign(claims),
    "unknown key": keyPair("other").sign(claims),
    "no key": jwt.sign(claims, rsa.privateKey, { algorithm: "PS256", keyid: "rsa" }),
    none: jwt.sign(claims, "", { algorithm: "none" }),
    "no claims": jwt.sign("ada", rsa.privateKey, { algorithm: "RS256", keyid: "rsa" }),
    "a public key as a secret": jwt.sign(claims, JSON.stringify(rsa.jwk.n), { keyid: "rsa" }),
    "bound to a key": signed({ cnf: { jkt: "x" } }),
    "no token at all": "a.b.c",
  };
  for (const [what, token] of Object.entries(bad))
    assert.deepEqual(await shown(await guard(bearer(token))), INVALID, what);
});

test("scopes: of the guard and of the request, from scope and from scp", async () => {
  const strict = protect({ ...options, scope: "read" });
  const missing = (scope) => ({
    status: 403,
    error: "insufficient_scope",
    challenge: `Bearer error="insufficient_scope", scope="${scope}"`,
  });
  assert.deepEqual(await shown(await strict(bearer(signed()), { scope: "write" })), { sub: "ada" });
  assert.deepEqual(await shown(await strict(bearer(signed()), { scope: "admin" })), missing("read admin"));
  assert.deepEqual(await shown(await strict(bearer(signed({ scope: "reader" })))), missing("read"));
  for (const granted of [{ scp: "read" }, { scp: ["x", "read"] }, { scope: "read" }])
    assert.deepEqual(await shown(await strict(bearer(signed({ scope: undefined, ...granted })))), { sub: "ada" });
  for (const granted of [{}, { scope: 5 }, { scp: { read: true } }, { scope: null }, { scp: [["read"]] }])
    assert.deepEqual(await shown(await strict(bearer(signed({ scope: undefined, ...granted })))), missing("read"));
});

test("accept has the last word, and only true is a yes", async () => {
  const seen = [];
  const picky = (answer) =>
    protect({
      ...options,
      accept: (found) => {
        seen.push(found.sub);
        return answer;
      },
    });
  assert.deepEqual(await shown(await picky(true)(bearer(signed()))), { sub: "ada" });
  assert.deepEqual(await shown(await picky(Promise.resolve(true))(bearer(signed()))), { sub: "ada" });
  for (const answer of [false, undefined, 1, "yes", Promise.resolve(false)])
    assert.deepEqual(await shown(await picky(answer)(bearer(signed()))), INVALID);
  const before = seen.length;
  await picky(true)(bearer(signed({ exp: 1 })));
  assert.equal(seen.length, before, "asked about a token that did not verify");
  const broken = protect({
    ...options,
    accept: () => {
      throw new Error("a mistake");
    },
  });
  await assert.rejects(broken(bearer(signed())), { message: "a mistake" });
});

test("typ, claims and clocks are asked for as in verify", async () => {
  const strict = protect({ ...options, requiredTyp: "at+jwt", requiredClaims: ["jti"], clockTolerance: 5 });
  const sign = (change, typ) =>
    jwt.sign({ ...claims, ...change }, rsa.privateKey, { algorithm: "RS256", keyid: "rsa", header: { typ } });
  assert.deepEqual(await shown(await strict(bearer(sign({ jti: "1", exp: NOW - 4 }, "at+jwt")))), { sub: "ada" });
  for (const token of [sign({ jti: "1" }, "JWT"), sign({}, "at+jwt"), sign({ jti: "1", exp: NOW - 5 }, "at+jwt")])
    assert.deepEqual(await shown(await strict(bearer(token))), INVALID);
});

test("an issuer that is down is 503, and so is a fault of whoever finds keys", async () => {
  const events = [];
  const on = ({ type }) => events.push(type);
  const fetch = async () => new Response("", { status: 500 });
  const down = protect({ ...options, on, issuer: remoteKeys("https://id.example/jwks", { issuer: ISSUER, fetch }) });
  const faulty = protect({
    ...options,
    on,
    issuer: Object.assign(() => Promise.reject(new Error("x")), { issuer: ISSUER }),
  });
  for (const one of [down, faulty]) {
    const { response } = await one(bearer(signed()));
    assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "1"]);
  }
  assert.deepEqual(events, ["unavailable", "unavailable"]);
});

test("several issuers: each with its own keys, algorithms and audience", async () => {
  const trust = trustIssuers([
    { issuer: ISSUER, keys: localKeys({ keys: [rsa.jwk] }), algorithms: ["RS256"], audience: API },
    { issuer: "https://b.example/", keys: localKeys({ keys: [ec.jwk] }), algorithms: ["ES256"], audience: "b" },
  ]);
  const both = protect({ issuer: trust, now: () => NOW });
  const b = { ...claims, iss: "https://b.example/", aud: "b" };
  assert.deepEqual(await shown(await both(bearer(signed()))), { sub: "ada" });
  assert.deepEqual(await shown(await both(bearer(ec.sign(b)))), { sub: "ada" });
  for (const token of [rsa.sign(b), ec.sign(claims), ec.sign({ ...b, aud: API }), ec.sign({ ...b, iss: "c" })])
    assert.deepEqual(await shown(await both(bearer(token))), INVALID);
});

test("events say why, and the wire does not; what they throw is passed over", async () => {
  const events = [];
  const told = protect({
    ...options,
    scope: "admin",
    on: (event) => {
      events.push([event.type, event.reason, event.claims?.sub]);
      throw new Error("no alert today");
    },
  });
  await told(bearer(signed({ exp: 1 })));
  await told(bearer(signed({ cnf: {} })));
  await told(bearer(signed()));
  assert.deepEqual(events, [
    ["refused", "ERR_JWT_EXPIRED", undefined],
    ["refused", "ERR_JWT_BOUND", "ada"],
    ["refused", "ERR_SCOPE", "ada"],
  ]);
  const { response } = await told(bearer(signed({ exp: 1 })));
  assert.doesNotMatch(await response.text(), /expired|EXPIRED/);
  assert.equal(response.headers.get("cache-control"), "no-store");
});

test("options that could not be meant are refused at once", async () => {
  const bad = [
    { issuer: undefined },
    { issuer: ISSUER },
    { issuer: localKeys({ keys: [rsa.jwk] }) },
    { algorithms: undefined },
    { algorithms: [] },
    { algorithms: "RS256" },
    { algorithms: ["RS256", "none"] },
    { audience: undefined },
    { audience: "" },
    { audience: [] },
    { audience: /api/ },
    { issuer: trustIssuers([]) },
  ];
  for (const change of bad)
    assert.throws(() => protect({ ...options, ...change }), { code: "ERR_JWT_OPTIONS" }, JSON.stringify(change));
  // A function that finds keys and does not say whose they are shows at the first token.
  const nameless = protect({ issuer: async () => rsa.jwk });
  await assert.rejects(nameless(bearer(signed())), { code: "ERR_JWT_OPTIONS" });
  const withoutAudience = protect({ ...options, audience: null });
  assert.deepEqual(await shown(await withoutAudience(bearer(signed({ aud: undefined })))), { sub: "ada" });
});

test("what the caller changes later changes nothing", async () => {
  const algorithms = ["RS256"];
  const audience = [API];
  const fixed = protect({ ...options, algorithms, audience });
  algorithms[0] = "ES256";
  audience[0] = "https://other.example";
  assert.deepEqual(await shown(await fixed(bearer(signed()))), { sub: "ada" });
});
