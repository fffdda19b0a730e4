/** The endpoints for clients that hold their tokens themselves, asked by a real OAuth client over HTTP. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as oauth from "oauth4webapi";
import { toNodeHandler } from "tandem-jwt/node";

import { basic, edge, proof } from "./node-bed.mjs";

const REFRESH = "a refresh key for tests, of 32 bytes or more";
const INSECURE = { [oauth.allowInsecureRequests]: true };
const SECRET = "a secret: of 16, or more&characters+é";

describe("an OAuth client", () => {
  let server;
  let site;
  let handler;
  let events;
  let now;
  const client = { client_id: "cli" };
  const none = oauth.None();

  beforeEach(async () => {
    server = createServer((request, response) => handler(request, response));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    site = `http://127.0.0.1:${server.address().port}`;
    start();
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  function start(options = {}) {
    events = [];
    now = Math.floor(Date.now() / 1000);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ format: "pem", type: "pkcs8" });
    const auth = edge({
      origin: site,
      cookies: "dev",
      clientId: "cli",
      keys: () => ({ access: { key: pem, kid: "first" }, refresh: REFRESH }),
      authenticate: async (request) => {
        const { username, password, device } = await request.json();
        return password === "right" ? { sub: username, scope: "read write", transport: "bearer", device } : null;
      },
      introspection: () => ({ api: SECRET }),
      policy: { jitter: 0, accessTtl: "5m" },
      now: () => now,
      on: Object.fromEntries(
        ["reuse", "unavailable", "store_failed", "sign_in_rejected", "unknown_kid"].map((type) => [
          type,
          (event) => events.push(event.type),
        ]),
      ),
      routes: { "/*": { optional: true }, "/api/*": { origin: { fetch: echo }, scope: "read" } },
      ...options,
    });
    handler = toNodeHandler(auth, { env: {}, onError: (error) => events.push(String(error)) });
  }
  const echo = async (request) => Response.json(Object.fromEntries(request.headers));

  const post = (path, body, headers = {}) =>
    fetch(site + path, {
      method: "POST",
      body: typeof body === "string" ? body : new URLSearchParams(body),
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });
  const signIn = async (headers = {}, more = {}) => {
    const body = JSON.stringify({ username: "ada", password: "right", ...more });
    return post("/auth/login", body, { "content-type": "application/json", ...headers });
  };
  async function discovered() {
    const issuer = new URL(site);
    const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...INSECURE });
    return oauth.processDiscoveryResponse(issuer, response);
  }

  test("finds the endpoints, refreshes, asks about a token, and revokes it", async () => {
    const as = await discovered();
    const signedIn = await signIn();
    assert.equal(signedIn.status, 200);
    assert.equal(signedIn.headers.getSetCookie().length, 0);
    assert.equal(signedIn.headers.get("cache-control"), "no-store");
    const first = await signedIn.json();
    assert.equal(first.token_type, "Bearer");
    assert.equal(first.scope, "read write");

    now += 10;
    const response = await oauth.refreshTokenGrantRequest(as, client, none, first.refresh_token, INSECURE);
    const second = await oauth.processRefreshTokenResponse(as, client, response);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(second.expires_in, 300);

    const resource = await oauth.protectedResourceRequest(
      second.access_token,
      "GET",
      new URL(`${site}/api/x`),
      undefined,
      undefined,
      INSECURE,
    );
    assert.match((await resource.json()).authorization, /^Bearer ey/);

    for (const authentication of [oauth.ClientSecretBasic(SECRET), oauth.ClientSecretPost(SECRET)]) {
      const api = { client_id: "api" };
      const asked = await oauth.introspectionRequest(as, api, authentication, second.access_token, INSECURE);
      const found = await oauth.processIntrospectionResponse(as, api, asked);
      assert.equal(found.active, true);
      assert.equal(found.sub, "ada");
      assert.equal(found.token_type, "Bearer");
      assert.equal(found.iss, site);
    }

    const revoked = await oauth.revocationRequest(as, client, none, second.refresh_token, INSECURE);
    assert.equal(await oauth.processRevocationResponse(revoked), undefined);
    const api = { client_id: "api" };
    const asked = await oauth.introspectionRequest(
      as,
      api,
      oauth.ClientSecretBasic(SECRET),
      second.access_token,
      INSECURE,
    );
    assert.deepEqual(await asked.json(), { active: false });
    const late = await oauth.refreshTokenGrantRequest(as, client, none, second.refresh_token, INSECURE);
    await assert.rejects(oauth.processRefreshTokenResponse(as, client, late), { error: "invalid_grant", status: 400 });
  });

  test("proves its key, with the nonce that it is asked for", async () => {
    start({ policy: { jitter: 0, dpop: { nonces: "5m" } } });
    const as = await discovered();
    const keys = await oauth.generateKeyPair("ES256");
    const dpop = oauth.DPoP(client, keys);
    const url = `${site}/auth/login`;
    // Signing in is the application's own; the client library proves its key for the refresh.
    const nonce = (await signIn({ dpop: await proof(keys, url, now) })).headers.get("dpop-nonce");
    assert.notEqual(nonce, null);
    const signedIn = await signIn({ dpop: await proof(keys, url, now, nonce) });
    assert.equal(signedIn.status, 200);
    const first = await signedIn.json();
    assert.equal(first.token_type, "DPoP");

    const refresh = () =>
      oauth
        .refreshTokenGrantRequest(as, client, none, first.refresh_token, { DPoP: dpop, ...INSECURE })
        .then((response) => oauth.processRefreshTokenResponse(as, client, response));
    const refused = await refresh().catch((error) => error);
    assert.ok(oauth.isDPoPNonceError(refused));
    assert.equal(refused.status, 400);
    const second = await refresh();
    assert.equal(second.token_type, "dpop");

    const call = (options = { DPoP: dpop }) =>
      oauth.protectedResourceRequest(second.access_token, "GET", new URL(`${site}/api/x`), undefined, undefined, {
        ...options,
        ...INSECURE,
      });
    const first401 = await call().catch((error) => error);
    assert.ok(first401 instanceof Error ? oauth.isDPoPNonceError(first401) : first401.ok);
    const answered = first401 instanceof Error ? await call() : first401;
    const seen = await answered.json();
    assert.equal(seen.dpop, undefined, "the proof is used up");
    const { cnf } = JSON.parse(Buffer.from(seen.authorization.split(".")[1], "base64url").toString());
    assert.equal(typeof cnf.jkt, "string");

    // Without the proof the token is nothing, by whatever scheme.
    for (const scheme of ["Bearer", "DPoP"]) {
      const response = await fetch(`${site}/api/x`, { headers: { authorization: `${scheme} ${second.access_token}` } });
      assert.equal(response.status, 401);
      assert.match(response.headers.get("www-authenticate"), new RegExp(`^${scheme} `));
    }
    const other = await fetch(`${site}/auth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: second.refresh_token }),
    });
    assert.equal(other.status, 400);
    const asked = await post(
      "/auth/introspect",
      { token: second.access_token },
      { authorization: basic("api", SECRET) },
    );
    const found = await asked.json();
    assert.equal(found.token_type, "DPoP");
    assert.equal(found.cnf.jkt, cnf.jkt);
    assert.ok(!events.includes("sign_in_rejected"));
  });

  test("the key set verifies what the edge signs, and holds no secret", async () => {
    const { createRemoteJWKSet, jwtVerify } = await import("jose");
    const { access_token: token } = await (await signIn()).json();
    const keys = createRemoteJWKSet(new URL(`${site}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, keys, { issuer: site, audience: site, typ: "at+jwt" });
    assert.equal(payload.sub, "ada");
    const response = await fetch(`${site}/.well-known/jwks.json`);
    const text = await response.text();
    assert.match(response.headers.get("cache-control"), /max-age/);
    assert.deepEqual(
      Object.keys(JSON.parse(text).keys[0]).filter((member) => /^(?:d|p|q|dp|dq|qi|k|priv)$/.test(member)),
      [],
    );
    start({ keys: () => ({ access: REFRESH }) });
    assert.deepEqual(await (await fetch(`${site}/.well-known/jwks.json`)).json(), { keys: [] });
    assert.equal((await discovered()).jwks_uri, undefined);
  });

  test("what is no request of the token endpoint is told so, in the shape of RFC 6749 §5.2", async () => {
    const { refresh_token: good } = await (await signIn()).json();
    const cases = [
      [{}, 400, "invalid_request"],
      [{ grant_type: "password" }, 400, "unsupported_grant_type"],
      [{ grant_type: "refresh_token" }, 400, "invalid_request"],
      [{ grant_type: "refresh_token", refresh_token: "x" }, 400, "invalid_grant"],
      [{ grant_type: "refresh_token", refresh_token: good, client_id: "other" }, 401, "invalid_client"],
      [{ grant_type: "refresh_token", refresh_token: good, scope: "admin" }, 400, "invalid_scope"],
      [`grant_type=refresh_token&refresh_token=${good}&refresh_token=x`, 400, "invalid_request"],
      [`grant_type=refresh_token&refresh_token=${"x".repeat(20_000)}`, 413, "invalid_request"],
    ];
    for (const [body, status, error] of cases) {
      const response = await post("/auth/token", body);
      assert.equal(response.status, status, JSON.stringify(body).slice(0, 80));
      assert.equal((await response.json()).error, error);
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.equal(response.headers.get("pragma"), "no-cache");
    }
    const json = await post("/auth/token", "{}", { "content-type": "application/json" });
    assert.equal(json.status, 400);
    const get = await fetch(`${site}/auth/token`);
    assert.equal(get.status, 405);
    assert.equal(get.headers.get("allow"), "POST");
    const mixed = await post(
      "/auth/token",
      { grant_type: "refresh_token", refresh_token: good },
      { cookie: "refresh=x" },
    );
    assert.equal(mixed.status, 400);
    const narrow = await post("/auth/token", { grant_type: "refresh_token", refresh_token: good, scope: "read" });
    assert.equal((await narrow.json()).scope, "read");
    assert.deepEqual(events, [], "nothing that a stranger sends is an alarm");
  });

  test("revocation answers 200 to whatever it is given", async () => {
    const { access_token: access, refresh_token: refresh } = await (await signIn()).json();
    for (const token of ["x", "a.b.c", `${refresh}x`])
      assert.equal((await post("/auth/revoke", { token })).status, 200);
    assert.equal((await post("/auth/revoke", {})).status, 400);
    assert.equal((await post("/auth/revoke", { token: access, token_type_hint: "access_token" })).status, 200);
    const after = await post("/auth/token", { grant_type: "refresh_token", refresh_token: refresh });
    assert.equal((await after.json()).error, "invalid_grant");
  });

  test("introspection is for those who have a secret, and says nothing of what is not active", async () => {
    const { access_token: token, refresh_token: refresh } = await (await signIn()).json();
    for (const authorization of [
      undefined,
      basic("api", "wrong"),
      basic("other", SECRET),
      basic("api", ""),
      "Basic ???",
      `Bearer ${token}`,
    ]) {
      const response = await post("/auth/introspect", { token }, authorization === undefined ? {} : { authorization });
      assert.equal(response.status, 401, authorization);
      assert.match(response.headers.get("www-authenticate"), /^Basic /);
    }
    const both = await post(
      "/auth/introspect",
      { token, client_secret: SECRET },
      { authorization: basic("api", SECRET) },
    );
    assert.equal(both.status, 401);
    const ask = async (given) =>
      (await post("/auth/introspect", { token: given }, { authorization: basic("api", SECRET) })).json();
    assert.equal((await ask(token)).active, true);
    for (const given of ["x", `${token}x`, refresh]) assert.deepEqual(await ask(given), { active: false });
    now += 301;
    assert.deepEqual(await ask(token), { active: false });
    start({ introspection: undefined });
    assert.equal((await post("/auth/introspect", { token })).status, 404);
    // A secret that can be guessed is a mistake of the application, and opens nothing.
    start({ introspection: () => ({ api: "short" }) });
    assert.equal((await post("/auth/introspect", { token })).status, 500);
  });

  test("a refresh token is told active to who asks for its kind, and while it is the current one of a living session", async () => {
    const as = await discovered();
    const api = { client_id: "api" };
    const ask = async (token, hint = "refresh_token") => {
      const additionalParameters = hint ? { token_type_hint: hint } : {};
      const options = { additionalParameters, ...INSECURE };
      const response = await oauth.introspectionRequest(as, api, oauth.ClientSecretBasic(SECRET), token, options);
      return oauth.processIntrospectionResponse(as, api, response);
    };
    const first = await (await signIn()).json();
    const { iat, exp, auth_time: authTime, sid, ...rest } = await ask(first.refresh_token);
    assert.deepEqual(rest, {
      active: true,
      token_type: "N_A",
      iss: site,
      client_id: "cli",
      sub: "ada",
      scope: "read write",
    });
    assert.deepEqual([iat, authTime, exp], [now, now, now + 14 * 86_400]);
    assert.equal(sid, JSON.parse(Buffer.from(first.access_token.split(".")[1], "base64url")).sid);
    // A hint is one: an access token is found whatever it says, and a refresh token never passes for one.
    for (const hint of [null, "refresh_token", "access_token", "other"])
      assert.equal((await ask(first.access_token, hint)).token_type, "Bearer", hint);
    for (const hint of [null, "access_token", "other"])
      assert.deepEqual(await ask(first.refresh_token, hint), { active: false }, hint);

    // Asking uses nothing up.
    now += 60;
    const second = await (
      await post("/auth/token", { grant_type: "refresh_token", refresh_token: first.refresh_token })
    ).json();
    assert.deepEqual(await ask(first.refresh_token), { active: false }, "it was replaced");
    assert.equal((await ask(second.refresh_token)).active, true);
    assert.deepEqual(await ask(`${second.refresh_token}x`), { active: false });
    assert.equal(
      (await post("/auth/revoke", { token: second.refresh_token, token_type_hint: "refresh_token" })).status,
      200,
    );
    assert.deepEqual(await ask(second.refresh_token), { active: false });
    const third = await (await signIn()).json();
    now += 14 * 86_400;
    assert.deepEqual(await ask(third.refresh_token), { active: false });
    assert.deepEqual(events, []);
  });

  test("a refresh token of a key that is not here yet is 503 to introspection, and of a retired one not active", async () => {
    const { refresh_token: refresh } = await (await signIn()).json();
    const ask = () =>
      post(
        "/auth/introspect",
        { token: refresh, token_type_hint: "refresh_token" },
        { authorization: basic("api", SECRET) },
      );
    const other = "another refresh key for tests, of 32 bytes or more";
    start({ keys: () => ({ access: other, refresh: other }) });
    assert.equal((await ask()).status, 503);
    assert.deepEqual(events, ["unknown_kid", "unavailable"]);
    const { kid } = JSON.parse(Buffer.from(refresh.split(".")[0], "base64url"));
    start({ keys: () => ({ access: other, refresh: other, retired: [kid] }) });
    assert.deepEqual(await (await ask()).json(), { active: false });
  });

  test("a store that is away is 503, and no reason to sign in again", async () => {
    const { refresh_token: refresh } = await (await signIn()).json();
    const away = () => Promise.reject(new Error("away"));
    start({
      store: () => ({
        consistency: "linearizable",
        create: away,
        load: away,
        compareAndSet: away,
        bumpEpoch: away,
        list: away,
      }),
      keys: () => ({ access: REFRESH }),
    });
    const answers = [
      await post("/auth/token", { grant_type: "refresh_token", refresh_token: refresh }),
      await post("/auth/revoke", { token: refresh }),
    ];
    for (const response of answers) {
      assert.equal(response.status, 503);
      assert.notEqual(response.headers.get("retry-after"), null);
    }
  });

  test("paths are the application's to choose, or to turn off", async () => {
    start({ paths: { token: "/oauth/token", revoke: null, metadata: "/.well-known/openid-configuration" } });
    const found = await (await fetch(`${site}/.well-known/openid-configuration`)).json();
    assert.equal(found.token_endpoint, `${site}/oauth/token`);
    assert.equal(found.revocation_endpoint, undefined);
    assert.equal((await post("/auth/revoke", { token: "x" })).status, 404);
    assert.equal((await post("/oauth/token", {})).status, 400);
  });

  test("a browser that is signed in by cookie gets no tokens beside", async () => {
    assert.equal((await signIn({ cookie: "refresh=x.y.z" })).status, 400);
  });
});
