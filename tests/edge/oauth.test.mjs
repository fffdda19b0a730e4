/** The endpoints for clients that hold their tokens themselves, asked by a real OAuth client over HTTP. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as oauth from "oauth4webapi";

import { basic, proof } from "./node-bed.mjs";
import { CLIENT, INSECURE, oauthBed, REFRESH, SECRET } from "./oauth-bed.mjs";

describe("an OAuth client", () => {
  const bed = oauthBed();
  const none = oauth.None();

  test("finds the endpoints, refreshes, asks about a token, and revokes it", async () => {
    const as = await bed.discovered();
    const signedIn = await bed.signIn();
    assert.equal(signedIn.status, 200);
    assert.equal(signedIn.headers.getSetCookie().length, 0);
    assert.equal(signedIn.headers.get("cache-control"), "no-store");
    const first = await signedIn.json();
    assert.equal(first.token_type, "Bearer");
    assert.equal(first.scope, "read write");

    bed.now += 10;
    const response = await oauth.refreshTokenGrantRequest(as, CLIENT, none, first.refresh_token, INSECURE);
    const second = await oauth.processRefreshTokenResponse(as, CLIENT, response);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(second.expires_in, 300);

    const resource = await oauth.protectedResourceRequest(
      second.access_token,
      "GET",
      new URL(`${bed.site}/api/x`),
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
      assert.equal(found.iss, bed.site);
    }

    const revoked = await oauth.revocationRequest(as, CLIENT, none, second.refresh_token, INSECURE);
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
    const late = await oauth.refreshTokenGrantRequest(as, CLIENT, none, second.refresh_token, INSECURE);
    await assert.rejects(oauth.processRefreshTokenResponse(as, CLIENT, late), { error: "invalid_grant", status: 400 });
  });

  test("proves its key, with the nonce that it is asked for", async () => {
    bed.start({ policy: { jitter: 0, dpop: { nonces: "5m" } } });
    const as = await bed.discovered();
    const keys = await oauth.generateKeyPair("ES256");
    const dpop = oauth.DPoP(CLIENT, keys);
    const url = `${bed.site}/auth/login`;
    // Signing in is the application's own; the client library proves its key for the refresh.
    const nonce = (await bed.signIn({ dpop: await proof(keys, url, bed.now) })).headers.get("dpop-nonce");
    assert.notEqual(nonce, null);
    const signedIn = await bed.signIn({ dpop: await proof(keys, url, bed.now, nonce) });
    assert.equal(signedIn.status, 200);
    const first = await signedIn.json();
    assert.equal(first.token_type, "DPoP");

    const refresh = () =>
      oauth
        .refreshTokenGrantRequest(as, CLIENT, none, first.refresh_token, { DPoP: dpop, ...INSECURE })
        .then((response) => oauth.processRefreshTokenResponse(as, CLIENT, response));
    const refused = await refresh().catch((error) => error);
    assert.ok(oauth.isDPoPNonceError(refused));
    assert.equal(refused.status, 400);
    const second = await refresh();
    assert.equal(second.token_type, "dpop");

    const call = (options = { DPoP: dpop }) =>
      oauth.protectedResourceRequest(second.access_token, "GET", new URL(`${bed.site}/api/x`), undefined, undefined, {
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
      const response = await fetch(`${bed.site}/api/x`, {
        headers: { authorization: `${scheme} ${second.access_token}` },
      });
      assert.equal(response.status, 401);
      assert.match(response.headers.get("www-authenticate"), new RegExp(`^${scheme} `));
    }
    const other = await fetch(`${bed.site}/auth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: second.refresh_token }),
    });
    assert.equal(other.status, 400);
    const asked = await bed.post(
      "/auth/introspect",
      { token: second.access_token },
      { authorization: basic("api", SECRET) },
    );
    const found = await asked.json();
    assert.equal(found.token_type, "DPoP");
    assert.equal(found.cnf.jkt, cnf.jkt);
    assert.ok(!bed.events.includes("sign_in_rejected"));
  });

  test("the key set verifies what the edge signs, and holds no secret", async () => {
    const { createRemoteJWKSet, jwtVerify } = await import("jose");
    const { access_token: token } = await (await bed.signIn()).json();
    const keys = createRemoteJWKSet(new URL(`${bed.site}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, keys, { issuer: bed.site, audience: bed.site, typ: "at+jwt" });
    assert.equal(payload.sub, "ada");
    const response = await fetch(`${bed.site}/.well-known/jwks.json`);
    const text = await response.text();
    assert.match(response.headers.get("cache-control"), /max-age/);
    assert.deepEqual(
      Object.keys(JSON.parse(text).keys[0]).filter((member) => /^(?:d|p|q|dp|dq|qi|k|priv)$/.test(member)),
      [],
    );
    bed.start({ keys: () => ({ access: REFRESH }) });
    assert.deepEqual(await (await fetch(`${bed.site}/.well-known/jwks.json`)).json(), { keys: [] });
    assert.equal((await bed.discovered()).jwks_uri, undefined);
  });

  test("what is no request of the token endpoint is told so, in the shape of RFC 6749 §5.2", async () => {
    const { refresh_token: good } = await (await bed.signIn()).json();
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
      const response = await bed.post("/auth/token", body);
      assert.equal(response.status, status, JSON.stringify(body).slice(0, 80));
      assert.equal((await response.json()).error, error);
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.equal(response.headers.get("pragma"), "no-cache");
    }
    const json = await bed.post("/auth/token", "{}", { "content-type": "application/json" });
    assert.equal(json.status, 400);
    const get = await fetch(`${bed.site}/auth/token`);
    assert.equal(get.status, 405);
    assert.equal(get.headers.get("allow"), "POST");
    const mixed = await bed.post(
      "/auth/token",
      { grant_type: "refresh_token", refresh_token: good },
      { cookie: "refresh=x" },
    );
    assert.equal(mixed.status, 400);
    const narrow = await bed.post("/auth/token", { grant_type: "refresh_token", refresh_token: good, scope: "read" });
    assert.equal((await narrow.json()).scope, "read");
    assert.deepEqual(bed.events, [], "nothing that a stranger sends is an alarm");
  });

  test("revocation answers 200 to whatever it is given", async () => {
    const { access_token: access, refresh_token: refresh } = await (await bed.signIn()).json();
    for (const token of ["x", "a.b.c", `${refresh}x`])
      assert.equal((await bed.post("/auth/revoke", { token })).status, 200);
    assert.equal((await bed.post("/auth/revoke", {})).status, 400);
    assert.equal((await bed.post("/auth/revoke", { token: access, token_type_hint: "access_token" })).status, 200);
    const after = await bed.post("/auth/token", { grant_type: "refresh_token", refresh_token: refresh });
    assert.equal((await after.json()).error, "invalid_grant");
  });

  test("a store that is away is 503, and no reason to sign in again", async () => {
    const { refresh_token: refresh } = await (await bed.signIn()).json();
    const away = () => Promise.reject(new Error("away"));
    bed.start({
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
      await bed.post("/auth/token", { grant_type: "refresh_token", refresh_token: refresh }),
      await bed.post("/auth/revoke", { token: refresh }),
    ];
    for (const response of answers) {
      assert.equal(response.status, 503);
      assert.notEqual(response.headers.get("retry-after"), null);
    }
  });

  test("paths are the application's to choose, or to turn off", async () => {
    bed.start({ paths: { token: "/oauth/token", revoke: null, metadata: "/.well-known/openid-configuration" } });
    const found = await (await fetch(`${bed.site}/.well-known/openid-configuration`)).json();
    assert.equal(found.token_endpoint, `${bed.site}/oauth/token`);
    assert.equal(found.revocation_endpoint, undefined);
    assert.equal((await bed.post("/auth/revoke", { token: "x" })).status, 404);
    assert.equal((await bed.post("/oauth/token", {})).status, 400);
  });

  test("a browser that is signed in by cookie gets no tokens beside", async () => {
    assert.equal((await bed.signIn({ cookie: "refresh=x.y.z" })).status, 400);
  });
});
