/** Routes that take tokens of other systems, beside sessions and without any. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { edgeAuth } from "tandem-jwt/edge";
import { localKeys, remoteKeys, trustIssuers } from "tandem-jwt/jwks";
import { memoryStore } from "tandem-jwt/session";
import { keyPair, startIssuer } from "../jwks/issuer.mjs";
import { cookieOf, SITE, edge as sessionEdge } from "./node-bed.mjs";

const ISSUER = "https://id.example/";
const NOW = 1_800_000_000;
const rsa = keyPair("rsa");
const ec = keyPair("ec", "ES256");
const keys = localKeys({ keys: [rsa.jwk] }, { issuer: ISSUER });
const tokensOf = { issuer: keys, algorithms: ["RS256"], audience: SITE };
const claims = { iss: ISSUER, aud: SITE, sub: "ada", sid: "theirs", scope: "read", iat: NOW, exp: NOW + 900 };
const signed = (change = {}) => rsa.sign({ ...claims, ...change });

/** Tells what it was sent. */
const origin = { fetch: async (request) => Response.json(Object.fromEntries(request.headers)) };

function heard() {
  const events = [];
  const on = {
    token_refused: ({ type, reason, claims: of }) => events.push([type, reason, of?.sub]),
    unavailable: ({ type, during }) => events.push([type, during]),
  };
  return { events, on };
}

const bearer = (token) => ({ authorization: `Bearer ${token}` });
const asked = (path, headers = {}, init = {}) => new Request(SITE + path, { headers, ...init });

async function shown(response) {
  const challenge = response.headers.get("www-authenticate");
  const { error, authorization } = await response.json();
  return { status: response.status, ...(error && { error }), ...(challenge && { challenge }), authorization };
}

const INVALID = {
  status: 401,
  error: "invalid_token",
  challenge: 'Bearer error="invalid_token"',
  authorization: undefined,
};

test("an edge without sessions: a good token goes on to the origin, and nothing else that says who somebody is", async () => {
  const { fetch } = edgeAuth({
    origin: SITE,
    routes: { "/api/*": { origin, scope: "read", tokensOf } },
    now: () => NOW,
  });
  const token = signed();
  const headers = { ...bearer(token), "x-user": "eve", cookie: "session=theirs; __Host-Http-refresh=x" };
  const response = await fetch(asked("/api/x", headers, { method: "POST", body: "x" }));
  const seen = await response.json();
  assert.equal(seen.authorization, `Bearer ${token}`);
  assert.equal(seen["x-user"], undefined);
  assert.equal(seen.cookie, "session=theirs", "without sessions that name is the origin's own");
  assert.equal(seen["x-forwarded-host"], "app.example");
});

test("no token is told the scheme, and is not sent to a sign-in page that would not help", async () => {
  const options = { routes: { "/api/*": { origin, tokensOf } }, now: () => NOW };
  for (const { fetch } of [edgeAuth({ origin: SITE, ...options }), sessionEdge({ ...options, signIn: "/sign-in" })]) {
    for (const headers of [{}, { "sec-fetch-mode": "navigate" }]) {
      const response = await fetch(asked("/api/x", headers), {});
      assert.deepEqual(await shown(response), { ...INVALID, challenge: "Bearer" });
    }
  }
});

test("tokens that are not good are refused, and the operator hears why", async () => {
  const { events, on } = heard();
  const { fetch } = edgeAuth({
    origin: SITE,
    routes: { "/api/*": { origin, scope: "read", tokensOf } },
    now: () => NOW,
    on,
  });
  const bad = {
    audience: [signed({ aud: "https://other.example" }), "ERR_JWT_CLAIM"],
    issuer: [signed({ iss: "https://other.example" }), "ERR_JWT_CLAIM"],
    expired: [signed({ exp: NOW }), "ERR_JWT_EXPIRED"],
    forged: [keyPair("rsa").sign(claims), "ERR_JWT_SIGNATURE"],
    "another key": [ec.sign(claims), "ERR_KEY_NOT_FOUND"],
    "bound to a key": [signed({ cnf: { jkt: "x" } }), "ERR_JWT_BOUND", "ada"],
  };
  for (const [what, [token, reason, sub]] of Object.entries(bad)) {
    assert.deepEqual(await shown(await fetch(asked("/api/x", bearer(token)), {})), INVALID, what);
    assert.deepEqual(events.splice(0), [["token_refused", reason, sub]], what);
  }
  const poor = await fetch(asked("/api/x", bearer(signed({ scope: "write" }))), {});
  assert.deepEqual(await shown(poor), {
    status: 403,
    error: "insufficient_scope",
    challenge: 'Bearer error="insufficient_scope", scope="read"',
    authorization: undefined,
  });
  assert.deepEqual(events, [["token_refused", "ERR_SCOPE", "ada"]]);
  for (const header of ["Basic YTpi", `Bearer ${signed()}, Bearer ${signed()}`, `DPoP ${signed()}`])
    assert.equal((await fetch(asked("/api/x", { authorization: header }), {})).status, 400, header);
});

test("Entra and Okta: scopes are read from scp too", async () => {
  const { fetch } = edgeAuth({
    origin: SITE,
    routes: { "/api/*": { origin, scope: "read", tokensOf } },
    now: () => NOW,
  });
  for (const scp of ["read write", ["write", "read"]]) {
    const response = await fetch(asked("/api/x", bearer(signed({ scope: undefined, scp }))), {});
    assert.equal(response.status, 200, JSON.stringify(scp));
  }
});

test("the issuer is away: guarded routes are 503, optional ones go on as a stranger, and then all is well", async (t) => {
  const issuer = await startIssuer(t, [rsa.jwk]);
  issuer.answer = (_, response) => response.writeHead(500).end();
  const { events, on } = heard();
  const theirs = { ...tokensOf, issuer: remoteKeys(issuer.url, { issuer: ISSUER, now: () => clock }) };
  let clock = NOW;
  const routes = { "/api/*": { origin, tokensOf: theirs }, "/open/*": { origin, optional: true, tokensOf: theirs } };
  const { fetch } = edgeAuth({ origin: SITE, routes, now: () => NOW, on });
  const token = signed();
  const away = await fetch(asked("/api/x", bearer(token)), {});
  assert.equal(away.headers.get("retry-after"), "1");
  assert.equal((await shown(away)).status, 503);
  assert.deepEqual(await shown(await fetch(asked("/open/x", bearer(token)), {})), {
    status: 200,
    authorization: undefined,
  });
  assert.deepEqual(events.splice(0), [
    ["unavailable", "issuer"],
    ["unavailable", "issuer"],
  ]);

  issuer.answer = undefined;
  clock += 60;
  const back = await shown(await fetch(asked("/open/x", bearer(token)), {}));
  assert.deepEqual(back, { status: 200, authorization: `Bearer ${token}` });
  assert.deepEqual(await shown(await fetch(asked("/open/x", bearer(signed({ exp: 1 }))), {})), INVALID);
  assert.equal((await fetch(asked("/open/x"), {})).status, 200);
});

test("beside sessions: neither passes where the other is asked for, and whose name it is shows", async () => {
  const auth = sessionEdge({
    routes: { "/api/*": { tokensOf }, "/account/*": {}, "/*": { optional: true } },
    authenticate: async (request) => ({ sub: "ada", transport: (await request.json()).transport ?? "cookie" }),
    now: () => NOW,
  });
  const signIn = (transport) =>
    auth.fetch(
      asked(
        "/auth/login",
        { "content-type": "application/json" },
        { method: "POST", body: JSON.stringify({ transport }) },
      ),
      {},
    );
  const cookie = cookieOf((await signIn()).headers.getSetCookie());
  const { access_token: own } = await (await signIn("bearer")).json();
  const handled = async (path, headers) => {
    const { response, claims: ours, others } = await auth.handle(asked(path, headers), {});
    return response?.status ?? [ours?.sub, others?.sub];
  };
  const theirs = signed();
  assert.deepEqual(await handled("/account/x", { cookie }), ["ada", undefined]);
  assert.deepEqual(await handled("/account/x", bearer(own)), ["ada", undefined]);
  assert.deepEqual(await handled("/account/x", bearer(theirs)), 401);
  assert.deepEqual(await handled("/api/x", bearer(theirs)), [undefined, "ada"]);
  assert.deepEqual(await handled("/api/x", bearer(own)), 401);
  assert.deepEqual(await handled("/api/x", { cookie }), 401, "a cookie is no token of theirs");
  assert.deepEqual(await handled("/api/x", { cookie, ...bearer(theirs) }), [undefined, "ada"]);
  // A name of another system has no sessions here, whatever its `sid` is.
  const sessions = await auth.fetch(asked("/auth/sessions", bearer(theirs)), {});
  assert.equal(sessions.status, 401);
});

test("several issuers: each by its own keys, algorithms, audience and last look", async () => {
  const { events, on } = heard();
  const second = {
    issuer: localKeys({ keys: [ec.jwk] }, { issuer: "https://b.example/" }),
    algorithms: ["ES256"],
    audience: null,
    accept: ({ token_use: use }) => use === "access",
  };
  const trusted = trustIssuers([
    { issuer: ISSUER, keys, algorithms: ["RS256"], audience: SITE },
    { issuer: "https://b.example/", keys: second.issuer, algorithms: ["ES256"], audience: "b" },
  ]);
  const routes = {
    "/list/*": { origin, tokensOf: [tokensOf, second] },
    "/trust/*": { origin, tokensOf: { issuer: trusted } },
  };
  const { fetch } = edgeAuth({ origin: SITE, routes, now: () => NOW, on });
  const status = async (path, token) => (await fetch(asked(path, bearer(token)), {})).status;
  const b = { iss: "https://b.example/", aud: "b", sub: "ada", exp: NOW + 900 };
  assert.equal(await status("/list/x", signed()), 200);
  assert.equal(await status("/list/x", ec.sign({ ...b, token_use: "access" })), 200);
  assert.equal(await status("/list/x", ec.sign({ ...b, token_use: "id" })), 401);
  assert.equal(await status("/trust/x", signed()), 200);
  assert.equal(await status("/trust/x", ec.sign(b)), 200);
  for (const path of ["/list/x", "/trust/x"]) {
    events.length = 0;
    for (const token of [ec.sign(claims), rsa.sign(b), signed({ iss: "https://c.example/" }), "a.b.c", "x"])
      assert.equal(await status(path, token), 401, token);
    assert.equal(events.length, 5, "each is told once");
  }
});

test("a session id of another system counts for no limit of ours", async () => {
  const attempts = [];
  const { fetch } = edgeAuth({
    origin: SITE,
    routes: { "/api/*": { origin, tokensOf } },
    now: () => NOW,
    rateLimit: (attempt) => {
      attempts.push(attempt);
      return 0;
    },
  });
  await fetch(asked("/api/x", bearer(signed())), {});
  assert.deepEqual(attempts, [{ kind: "request", address: null, sid: null }]);
});

test("an edge without sessions has no endpoints, and guards what no route names", async () => {
  const { fetch } = edgeAuth({ origin: SITE, routes: { "/open/*": { origin, optional: true } }, now: () => NOW });
  for (const path of ["/auth/login", "/auth/token", "/.well-known/jwks.json", "/other"])
    assert.equal((await fetch(asked(path, bearer(signed()), { method: "POST" }), {})).status, 401, path);
  assert.equal((await fetch(asked("/open/x"), {})).status, 200);
});

test("options that could not be meant, or have no effect, are refused by name", async () => {
  const routes = { "/*": { origin, tokensOf } };
  for (const [options, message] of [
    [{ signIn: "/sign-in" }, /signIn has no effect without sessions/],
    [{ keys: () => ({}) }, /keys has no effect without sessions/],
    [{ store: () => memoryStore() }, /keys must be a function/],
    [{ store: () => memoryStore(), keys: () => ({}) }, /authenticate must be a function/],
  ])
    assert.throws(() => edgeAuth({ origin: SITE, routes, ...options }), { name: "TypeError", message });
  // What depends on the environment shows at the first request.
  for (const [route, expected] of [
    [
      { tokensOf, checkSession: true },
      { name: "TypeError", message: /checkSession/ },
    ],
    [{ tokensOf: { ...tokensOf, audience: undefined } }, { code: "ERR_JWT_OPTIONS", message: /audience/ }],
    [{ tokensOf: [] }, { code: "ERR_JWT_OPTIONS", message: /no issuer/ }],
    [{ tokensOf: [tokensOf, tokensOf] }, { code: "ERR_JWT_OPTIONS", message: /twice/ }],
    [{ tokensOf: [tokensOf, { issuer: trustIssuers([]) }] }, { code: "ERR_JWT_OPTIONS", message: /names its issuer/ }],
  ])
    await assert.rejects(edgeAuth({ origin: SITE, routes: { "/*": route } }).fetch(asked("/x"), {}), expected);
});
