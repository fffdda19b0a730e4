/** A real issuer on loopback, the package oidc-provider, and a real client that signs in at it, openid-client. */

import { once } from "node:events";
import { createServer } from "node:http";
import Provider from "oidc-provider";
import * as client from "openid-client";

export const API = "https://api.example";
const CALLBACK = "https://app.example/callback";
const CLIENT = { id: "app", secret: "a secret that the client has" };

/** Its keys are those of `pairs`, the first one signs. `rotate` gives it others, `down` takes it off the network. */
export async function startProvider(t, pairs) {
  const issuer = { fetches: 0, down: false };
  let answer;
  const server = createServer((request, response) => {
    if (issuer.down) return request.socket.destroy();
    if (request.url === "/jwks") issuer.fetches++;
    return answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  issuer.url = `http://127.0.0.1:${server.address().port}`;
  issuer.rotate = (keys) => {
    answer = new Provider(issuer.url, configuration(keys)).callback();
  };
  issuer.rotate(pairs);
  issuer.signIn = async (login, scope) => (await signIn(issuer.url, login, scope)).tokens;
  /** A token that is bound to a key of the client, and requests that prove it. */
  issuer.signInBound = async (login, scope) => {
    const { tokens, config, DPoP } = await signIn(issuer.url, login, scope, await client.randomDPoPKeyPair("ES256"));
    const ask = (url) =>
      client.fetchProtectedResource(config, tokens.access_token, new URL(url), "GET", null, null, { DPoP });
    return { tokens, ask };
  };
  return issuer;
}

function configuration(pairs) {
  const keys = pairs.map(({ privateKey, jwk }) => ({
    ...privateKey.export({ format: "jwk" }),
    kid: jwk.kid,
    alg: jwk.alg,
    use: "sig",
  }));
  const api = { audience: API, scope: "read write orders", accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } };
  return {
    jwks: { keys },
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [CALLBACK] }],
    cookies: { keys: ["a key that signs cookies"] },
    ttl: { AccessToken: 900, Grant: 900, IdToken: 900, Interaction: 900, Session: 900 },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: () => api, useGrantedResource: () => true },
    },
  };
}

/** The authorization code flow with PKCE, by the issuer's own pages; with proofs of possession where there are keys. */
async function signIn(url, login, scope, keys) {
  const insecure = { execute: [client.allowInsecureRequests] };
  const config = await client.discovery(new URL(url), CLIENT.id, CLIENT.secret, undefined, insecure);
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: `openid ${scope}`,
    resource: API,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const callback = await browse(address, { login, password: "any" });
  const DPoP = keys && client.getDPoPHandle(config, keys);
  const tokens = await client.authorizationCodeGrant(
    config,
    callback,
    { pkceCodeVerifier },
    { resource: API },
    { DPoP },
  );
  return { tokens, config, DPoP };
}

/** What a browser does: follows redirects, keeps cookies, and sends each form that it is shown. */
async function browse(address, fields) {
  const cookies = new Map();
  let url = new URL(address);
  let init = {};
  for (let steps = 0; steps < 20; steps++) {
    if (url.href.startsWith(CALLBACK)) return url;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, headers: { cookie }, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    init = {};
    if (location) {
      url = new URL(location, url);
      continue;
    }
    const page = await response.text();
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
    if (!action) throw new Error(`no form, status ${response.status}: ${page.replace(/<[^>]+>/g, " ")}`);
    const [, prompt] = /name="prompt" value="(\w+)"/.exec(page);
    url = new URL(action, url);
    init = { method: "POST", body: new URLSearchParams({ prompt, ...fields }) };
  }
  throw new Error("the sign-in does not end");
}
