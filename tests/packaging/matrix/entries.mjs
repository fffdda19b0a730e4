// The entries beside the drop-in and the sessions, each put to use in whichever runtime this is run. Prints what they did.

import { createServer } from "node:http";
import { generateKey, sign, verifyAsync } from "tandem-jwt";
import { bearerSession } from "tandem-jwt/client";
import { TandemSessions } from "tandem-jwt/cloudflare";
import { decode, isExpired } from "tandem-jwt/decode";
import { edgeAuth } from "tandem-jwt/edge";
import { localKeys, remoteKeys } from "tandem-jwt/jwks";
import * as lite from "tandem-jwt/lite";
import { toNodeHandler } from "tandem-jwt/node";
import { memoryStore } from "tandem-jwt/session";
import { conformance } from "tandem-jwt/stores/conformance";

const done = {};
const same = (what, ...pairs) => {
  for (const [actual, expected] of pairs)
    if (actual !== expected) throw new Error(`${what}: ${actual} is not ${expected}`);
  done[what] = pairs.length;
};

const site = "https://app.example";
const store = memoryStore();
const env = { KEY: "an access key for tests, of 32 bytes or more" };
const edge = edgeAuth({
  origin: site,
  store: () => store,
  keys: ({ KEY }) => ({ access: KEY }),
  authenticate: async (request) => ({ sub: (await request.json()).username }),
  routes: { "/*": { optional: true }, "/account/*": {} },
});
const login = { method: "POST", body: '{"username":"ada"}' };
const headers = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
const cookieOf = (response) =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");

const signedIn = await edge.fetch(new Request(`${site}/auth/login`, { ...login, headers }), env);
const cookie = cookieOf(signedIn);
const passed = await edge.handle(new Request(`${site}/account/name`, { headers: { cookie } }), env);
const refused = await edge.handle(new Request(`${site}/account/name`), env);
const access = /access=([^;]+)/.exec(cookie)[1];
// Without the refresh token, which would bring a new one.
const accessOnly = cookie.split("; ").find((each) => each.includes(access));
const tampered = accessOnly.replace(access, `${access.slice(0, -9)}AAAAAAAA${access.slice(-1)}`);
const forged = await edge.handle(new Request(`${site}/account/name`, { headers: { cookie: tampered } }), env);
same(
  "edge",
  [signedIn.status, 200],
  [passed.claims?.sub, "ada"],
  [refused.response?.status, 401],
  [forged.response?.status, 401],
);
same("decode", [decode(access).sub, "ada"], [isExpired(access), false]);

const served = async (handler, use) => {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections?.();
    server.close();
  }
};
const application = (request, response) => response.end(JSON.stringify(request.auth ?? null));
await served(
  (request, response) => toNodeHandler(edge, { env })(request, response, () => application(request, response)),
  async (address) => {
    const answer = await fetch(`${address}/account/name`, { headers: { cookie } });
    const outside = await fetch(`${address}/account/name`);
    same("node", [answer.status, 200], [(await answer.json()).sub, "ada"], [outside.status, 401]);
    await outside.text();
  },
);

const { privateKey, publicJwk } = generateKey("ES256");
const token = sign({ sub: "ada" }, privateKey, { algorithm: "ES256", keyid: publicJwk.kid });
const options = { algorithms: ["ES256"] };
const wrong = `${token.slice(0, -9)}AAAAAAAA${token.slice(-1)}`;
await served(
  (_request, response) =>
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [publicJwk] })),
  async (address) => {
    const keys = remoteKeys(`${address}/jwks`);
    const code = await verifyAsync(wrong, keys, options).catch((error) => error.code);
    const local = await verifyAsync(token, localKeys({ keys: [publicJwk] }), options);
    same(
      "jwks",
      [(await verifyAsync(token, keys, options)).sub, "ada"],
      [code, "ERR_JWT_SIGNATURE"],
      [local.sub, "ada"],
    );
  },
);

const small = lite.createSessions({
  issuer: site,
  audience: site,
  clientId: "small",
  keys: { access: env.KEY },
  store: lite.memoryStore(),
});
const pair = await small.issue({ sub: "ada" });
const refusal = (() => {
  try {
    return lite.sign({}, privateKey, { algorithm: "ES256" });
  } catch (error) {
    return error.code;
  }
})();
same(
  "lite",
  [lite.verify(sign({ sub: "ada" }, env.KEY), env.KEY).sub, "ada"],
  [(await small.verify(pair.access)).claims?.sub, "ada"],
  [refusal, "ERR_KEY_UNSUPPORTED"],
);

const shared = memoryStore();
const suite = conformance(() => shared, { interleavings: 100 });
for (const each of suite) await each.run();
same("conformance", [suite.length > 10, true]);

const rows = new TandemSessions({ storage: { sql: { exec: () => ({ toArray: () => [] }) } } }, {});
same("cloudflare", [typeof rows.compareAndSet, "function"], [rows instanceof TandemSessions, true]);

const client = bearerSession({ tokenEndpoint: `${site}/auth/token` });
same("client", [client.getSnapshot().status, "signed-out"]);
client.close();
console.log(JSON.stringify(done));
