/** What servers that are handed a token can ask about it (RFC 7662). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as oauth from "oauth4webapi";

import { basic } from "./node-bed.mjs";
import { INSECURE, oauthBed, SECRET } from "./oauth-bed.mjs";

describe("introspection", () => {
  const bed = oauthBed();

  test("introspection is for those who have a secret, and says nothing of what is not active", async () => {
    const { access_token: token, refresh_token: refresh } = await (await bed.signIn()).json();
    for (const authorization of [
      undefined,
      basic("api", "wrong"),
      basic("other", SECRET),
      basic("api", ""),
      "Basic ???",
      `Bearer ${token}`,
    ]) {
      const response = await bed.post(
        "/auth/introspect",
        { token },
        authorization === undefined ? {} : { authorization },
      );
      assert.equal(response.status, 401, authorization);
      assert.match(response.headers.get("www-authenticate"), /^Basic /);
    }
    const both = await bed.post(
      "/auth/introspect",
      { token, client_secret: SECRET },
      { authorization: basic("api", SECRET) },
    );
    assert.equal(both.status, 401);
    const ask = async (given) =>
      (await bed.post("/auth/introspect", { token: given }, { authorization: basic("api", SECRET) })).json();
    assert.equal((await ask(token)).active, true);
    for (const given of ["x", `${token}x`, refresh]) assert.deepEqual(await ask(given), { active: false });
    bed.now += 301;
    assert.deepEqual(await ask(token), { active: false });
    bed.start({ introspection: undefined });
    assert.equal((await bed.post("/auth/introspect", { token })).status, 404);
    // A guessable secret is a mistake of the application, and grants no access.
    bed.start({ introspection: () => ({ api: "short" }) });
    assert.equal((await bed.post("/auth/introspect", { token })).status, 500);
  });

  test("a refresh token is told active to who asks for its kind, and while it is the current one of a living session", async () => {
    const as = await bed.discovered();
    const api = { client_id: "api" };
    const ask = async (token, hint = "refresh_token") => {
      const additionalParameters = hint ? { token_type_hint: hint } : {};
      const options = { additionalParameters, ...INSECURE };
      const response = await oauth.introspectionRequest(as, api, oauth.ClientSecretBasic(SECRET), token, options);
      return oauth.processIntrospectionResponse(as, api, response);
    };
    const first = await (await bed.signIn()).json();
    const { iat, exp, auth_time: authTime, sid, ...rest } = await ask(first.refresh_token);
    assert.deepEqual(rest, {
      active: true,
      token_type: "N_A",
      iss: bed.site,
      client_id: "cli",
      sub: "ada",
      scope: "read write",
    });
    assert.deepEqual([iat, authTime, exp], [bed.now, bed.now, bed.now + 14 * 86_400]);
    assert.equal(sid, JSON.parse(Buffer.from(first.access_token.split(".")[1], "base64url")).sid);
    // The hint is only a hint: an access token is found whatever it says, and a refresh token never passes for one.
    for (const hint of [null, "refresh_token", "access_token", "other"])
      assert.equal((await ask(first.access_token, hint)).token_type, "Bearer", hint);
    for (const hint of [null, "access_token", "other"])
      assert.deepEqual(await ask(first.refresh_token, hint), { active: false }, hint);

    // Introspection does not use a token up.
    bed.now += 60;
    const second = await (
      await bed.post("/auth/token", { grant_type: "refresh_token", refresh_token: first.refresh_token })
    ).json();
    assert.deepEqual(await ask(first.refresh_token), { active: false }, "it was replaced");
    assert.equal((await ask(second.refresh_token)).active, true);
    assert.deepEqual(await ask(`${second.refresh_token}x`), { active: false });
    assert.equal(
      (await bed.post("/auth/revoke", { token: second.refresh_token, token_type_hint: "refresh_token" })).status,
      200,
    );
    assert.deepEqual(await ask(second.refresh_token), { active: false });
    const third = await (await bed.signIn()).json();
    bed.now += 14 * 86_400;
    assert.deepEqual(await ask(third.refresh_token), { active: false });
    assert.deepEqual(bed.events, []);
  });

  test("a refresh token of a key that is not here yet is 503 to introspection, and of a retired one not active", async () => {
    const { refresh_token: refresh } = await (await bed.signIn()).json();
    const ask = () =>
      bed.post(
        "/auth/introspect",
        { token: refresh, token_type_hint: "refresh_token" },
        { authorization: basic("api", SECRET) },
      );
    const other = "another refresh key for tests, of 32 bytes or more";
    bed.start({ keys: () => ({ access: other, refresh: other }) });
    assert.equal((await ask()).status, 503);
    assert.deepEqual(bed.events, ["unknown_kid", "unavailable"]);
    const { kid } = JSON.parse(Buffer.from(refresh.split(".")[0], "base64url"));
    bed.start({ keys: () => ({ access: other, refresh: other, retired: [kid] }) });
    assert.deepEqual(await (await ask()).json(), { active: false });
  });
});
