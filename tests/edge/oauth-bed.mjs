// An edge whose clients hold their tokens themselves, over HTTP, and the requests of an OAuth client.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { afterEach, beforeEach } from "node:test";
import * as oauth from "oauth4webapi";
import { toNodeHandler } from "tandem-jwt/node";

import { edge } from "./node-bed.mjs";

export const REFRESH = "a refresh key for tests, of 32 bytes or more";
export const SECRET = "a secret: of 16, or more&characters+é";
export const INSECURE = { [oauth.allowInsecureRequests]: true };
export const CLIENT = { client_id: "cli" };

const ALARMS = ["reuse", "unavailable", "store_failed", "sign_in_rejected", "unknown_kid"];

/** For a suite: each of its tests has an edge of its own. `now`, in seconds, may be moved by a test. */
export function oauthBed() {
  let server;
  let handler;
  const bed = { site: undefined, events: [], now: 0, start, post, signIn, discovered };

  beforeEach(async () => {
    server = createServer((request, response) => handler(request, response));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    bed.site = `http://127.0.0.1:${server.address().port}`;
    start();
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Begins anew, with other options. */
  function start(options = {}) {
    bed.events = [];
    bed.now = Math.floor(Date.now() / 1000);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ format: "pem", type: "pkcs8" });
    const auth = edge({
      origin: bed.site,
      cookies: "dev",
      clientId: "cli",
      keys: () => ({ access: { key: pem, kid: "first" }, refresh: REFRESH }),
      authenticate: async (request) => {
        const { username, password, device } = await request.json();
        return password === "right" ? { sub: username, scope: "read write", transport: "bearer", device } : null;
      },
      introspection: () => ({ api: SECRET }),
      policy: { jitter: 0, accessTtl: "5m" },
      now: () => bed.now,
      on: Object.fromEntries(ALARMS.map((type) => [type, (event) => bed.events.push(event.type)])),
      routes: { "/*": { optional: true }, "/api/*": { origin: { fetch: echo }, scope: "read" } },
      ...options,
    });
    handler = toNodeHandler(auth, { env: {}, onError: (error) => bed.events.push(String(error)) });
  }

  function post(path, body, headers = {}) {
    return fetch(bed.site + path, {
      method: "POST",
      body: typeof body === "string" ? body : new URLSearchParams(body),
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });
  }

  function signIn(headers = {}, more = {}) {
    const body = JSON.stringify({ username: "ada", password: "right", ...more });
    return post("/auth/login", body, { "content-type": "application/json", ...headers });
  }

  async function discovered() {
    const issuer = new URL(bed.site);
    const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...INSECURE });
    return oauth.processDiscoveryResponse(issuer, response);
  }

  return bed;
}

const echo = async (request) => Response.json(Object.fromEntries(request.headers));
