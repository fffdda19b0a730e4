/** The recipes of docs/issuers.md, as they stand there, on tokens of the form that each issuer documents, made here. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import jwt from "tandem-jwt";
import { ISSUERS, knownIssuer } from "tandem-jwt/jwks";
import { snippets } from "../docs/snippets.mjs";
import { certified, keyPair } from "./issuer.mjs";

const PAGE = "docs/issuers.md";
const TENANT = "6f1d2c3b-0000-4000-8000-000000000001";
const OTHER = "6f1d2c3b-0000-4000-8000-000000000009";
const entra = (tid) => `https://login.microsoftonline.com/${tid}/v2.0`;
const now = Math.floor(Date.now() / 1000);
const rsa = keyPair("k");
const ec = keyPair("k", "ES256");

/** `url` is where the keys must be asked for; each of `refused` changes claims so that the token is another's. */
const RECIPES = {
  Auth0: {
    preset: "auth0",
    url: "https://example.eu.auth0.com/.well-known/jwks.json",
    claims: {
      iss: "https://example.eu.auth0.com/",
      sub: "auth0|5f7c8ec7c33c6c004bbafe82",
      aud: ["https://api.example", "https://example.eu.auth0.com/userinfo"],
      azp: "my_client_id",
      scope: "openid profile read:orders",
    },
    refused: [{ iss: "https://example.eu.auth0.com" }, { aud: "https://example.eu.auth0.com/userinfo" }],
  },
  Cognito: {
    preset: "cognito",
    url: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/.well-known/jwks.json",
    claims: {
      iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
      sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
      client_id: "1h57kf5cpq17m0eml12EXAMPLE",
      token_use: "access",
      scope: "aws.cognito.signin.user.admin",
      "cognito:groups": ["admin"],
    },
    refused: [{ client_id: "another" }, { token_use: "id", aud: "1h57kf5cpq17m0eml12EXAMPLE", client_id: undefined }],
  },
  "Entra v2": {
    preset: "entraV2",
    url: `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
    jwk: { alg: undefined },
    claims: { iss: entra(TENANT), aud: "535fb089-9ff3-47b6-9bfb-4f1264799865", tid: TENANT, scp: "read", ver: "2.0" },
    refused: [{ iss: entra(OTHER), tid: OTHER }, { aud: "00000003-0000-0000-c000-000000000000" }],
  },
  "Entra v1": {
    preset: "entraV1",
    url: `https://login.microsoftonline.com/${TENANT}/discovery/keys`,
    jwk: { alg: undefined },
    claims: {
      iss: `https://sts.windows.net/${TENANT}/`,
      aud: "api://535fb089-9ff3-47b6-9bfb-4f1264799865",
      tid: TENANT,
      scp: "read",
      ver: "1.0",
    },
    refused: [{ iss: `https://sts.windows.net/${OTHER}/` }, { iss: entra(TENANT) }, { aud: "api://other" }],
  },
  "Entra for several tenants": {
    preset: "entraV2",
    url: "https://login.microsoftonline.com/common/discovery/v2.0/keys",
    jwk: { alg: undefined },
    claims: { iss: entra(TENANT), aud: "535fb089-9ff3-47b6-9bfb-4f1264799865", tid: TENANT, ver: "2.0" },
    refused: [{ iss: entra(OTHER), tid: OTHER }, { tid: OTHER }, { iss: entra(OTHER) }],
  },
  Google: {
    preset: "google",
    url: "https://www.googleapis.com/oauth2/v3/certs",
    claims: {
      iss: "https://accounts.google.com",
      aud: "1234987819200.apps.googleusercontent.com",
      azp: "1234987819200.apps.googleusercontent.com",
      sub: "10769150350006150715113082367",
      email_verified: true,
      hd: "example.com",
    },
    refused: [{ hd: undefined }, { hd: "example.org" }, { aud: "another.apps.googleusercontent.com" }],
  },
  Firebase: {
    preset: "firebase",
    url: "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com",
    certificates: true,
    claims: {
      iss: "https://securetoken.google.com/example-project",
      aud: "example-project",
      sub: "u",
      user_id: "u",
      auth_time: now - 60,
      firebase: { identities: {}, sign_in_provider: "password" },
    },
    refused: [{ sub: "" }, { auth_time: now + 3600 }, { auth_time: undefined }, { aud: "other-project" }],
  },
  Keycloak: {
    preset: "keycloak",
    url: "https://id.example/realms/main/protocol/openid-connect/certs",
    jwk: { x5c: ["AAAA"], x5t: "x", "x5t#S256": "x" },
    claims: {
      iss: "https://id.example/realms/main",
      aud: ["api", "account"],
      typ: "Bearer",
      azp: "web",
      realm_access: { roles: ["user"] },
      scope: "openid email",
    },
    refused: [{ typ: "ID" }, { typ: "Refresh" }, { aud: "account" }, { iss: "https://id.example/realms/master" }],
  },
  Okta: {
    preset: "okta",
    url: "https://example.okta.com/oauth2/default/v1/keys",
    claims: {
      ver: 1,
      iss: "https://example.okta.com/oauth2/default",
      aud: "api://default",
      cid: "nmdP1fcyvdVO11AL7ECm",
      uid: "00ujmyb5JpPqsS3bm0h7",
      scp: ["openid", "orders"],
    },
    refused: [{ iss: "https://example.okta.com" }, { aud: "api://other" }],
    forbidden: { scp: ["openid"] },
  },
  Supabase: {
    preset: "supabase",
    url: "https://abcdefghijklmnop.supabase.co/auth/v1/.well-known/jwks.json",
    pair: ec,
    claims: {
      iss: "https://abcdefghijklmnop.supabase.co/auth/v1",
      aud: "authenticated",
      role: "authenticated",
      session_id: "2b1f",
      is_anonymous: false,
    },
    refused: [{ is_anonymous: true }, { aud: "anon" }, { iss: "supabase" }],
  },
  "GitHub Actions": {
    preset: "githubActions",
    url: "https://token.actions.githubusercontent.com/.well-known/jwks",
    claims: {
      iss: "https://token.actions.githubusercontent.com",
      aud: "https://deploy.example",
      sub: "repo:octo-org/octo-repo:ref:refs/heads/main",
      repository: "octo-org/octo-repo",
      repository_id: "74",
      ref: "refs/heads/main",
    },
    refused: [{ repository_id: "75" }, { ref: "refs/heads/evil" }, { ref: "refs/pull/7/merge" }, { aud: "other" }],
  },
};

// Below the checkout, so that the package is found.
const root = fileURLToPath(new URL("../..", import.meta.url));
mkdirSync(path.join(root, "target"), { recursive: true });
const folder = mkdtempSync(path.join(root, "target", "recipes-"));
after(() => rmSync(folder, { recursive: true }));

function recipe(name) {
  const lines = readFileSync(new URL(`../../${PAGE}`, import.meta.url), "utf8").split("\n");
  const from = lines.indexOf(`## ${name}`);
  assert.notEqual(from, -1, `no recipe for ${name}`);
  return snippets(PAGE, "ts").find(({ line }) => line > from).code;
}

for (const [name, { url, pair = rsa, jwk, certificates, claims, refused, forbidden }] of Object.entries(RECIPES)) {
  test(`${name}: its own tokens for this API, and no others`, async (t) => {
    const asked = [];
    const signer = certificates ? certified(t) : pair;
    const set = certificates ? { k: signer.certificate } : { keys: [{ ...pair.jwk, ...jwk }] };
    t.mock.method(globalThis, "fetch", async (address) => {
      asked.push(address);
      return Response.json(set, { headers: { "cache-control": "public, max-age=19845" } });
    });
    const file = path.join(folder, `${name.replace(/\W/g, "-")}.mjs`);
    writeFileSync(file, recipe(name));
    const { guard } = await import(pathToFileURL(file).href);
    const answer = async (change = {}, key = signer.privateKey) => {
      const made = JSON.parse(JSON.stringify({ iat: now, exp: now + 3600, sub: "someone", ...claims, ...change }));
      const token = jwt.sign(made, key, { algorithm: pair.jwk.alg, keyid: "k" });
      const { response, claims: found } = await guard({ headers: new Headers({ authorization: `Bearer ${token}` }) });
      return response?.status ?? found.iss;
    };
    assert.equal(await answer(), claims.iss);
    for (const change of refused) assert.equal(await answer(change), 401, JSON.stringify(change));
    assert.equal(await answer({ exp: now - 1 }), 401);
    assert.equal(await answer({}, keyPair("k", pair.jwk.alg).privateKey), 401);
    if (forbidden) assert.equal(await answer(forbidden), 403);
    assert.deepEqual(asked, [url]);
  });
}

test("every preset has a recipe, and every recipe is tested", () => {
  const presets = Object.values(RECIPES).map(({ preset }) => preset);
  assert.deepEqual([...new Set(presets)].sort(), Object.keys(ISSUERS).sort());
  const headings = readFileSync(new URL(`../../${PAGE}`, import.meta.url), "utf8").match(/^## .*$/gm);
  assert.deepEqual(
    headings.map((line) => line.slice(3)),
    Object.keys(RECIPES),
  );
});

test("a word that is missing, or could change what the address means, is refused", () => {
  const words = { host: "id.example:8443", realm: "main" };
  assert.equal(knownIssuer(ISSUERS.keycloak, words).issuer.issuer, "https://id.example:8443/realms/main");
  for (const realm of [undefined, "", ".", "..", "a/b", "a?b", "a#b", "a@b", "%2e", "a b", 5, "$&"])
    assert.throws(() => knownIssuer(ISSUERS.keycloak, { ...words, realm }), { code: "ERR_JWT_OPTIONS" }, String(realm));
  assert.throws(() => knownIssuer(ISSUERS.keycloak, Object.create(words)), { code: "ERR_JWT_OPTIONS" });
});
