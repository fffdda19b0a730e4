/**
 * Real workerd with the built package in it: two isolates of the edge that share one Durable Object namespace, an
 * origin behind them, and browsers that keep cookies as browsers do.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { bundleWorker } from "../../www/build.mjs";

const fixtures = path.join(path.dirname(fileURLToPath(import.meta.url)), "fixtures");
const compatibilityDate = "2026-04-01";
export const SITE = "https://app.example";
export const START = Math.floor(Date.now() / 1000);
export const DAY = 86_400;

/** Chooses the isolate, and says what only browsers may say (Node's fetch sets a Sec-Fetch-Mode of its own). */
const FRONT = `export default {
  fetch(request, env) {
    const headers = new Headers(request.headers);
    const mode = headers.get("test-mode");
    if (mode === null) headers.delete("sec-fetch-mode");
    else headers.set("sec-fetch-mode", mode);
    for (const name of ["test-mode", "test-isolate"]) headers.delete(name);
    return env[request.headers.get("test-isolate")].fetch(new Request(request, { headers, redirect: "manual" }));
  },
};`;

/** `bindings` are those of one isolate, `a` or `b`, beside the ones of both. */
export async function startEdge({ cookies, bindings = {} } = {}) {
  const [edge, origin] = await Promise.all([
    bundleWorker(path.join(fixtures, "edge.js")),
    bundleWorker(path.join(fixtures, "origin.js")),
  ]);
  const shared = {
    modules: edge,
    compatibilityDate,
    serviceBindings: { ORIGIN: "origin" },
    bindings: {
      ACCESS_KEY: "an access key for tests, of 32 bytes or more",
      REFRESH_KEY: "a refresh key for tests, of 32 bytes or more",
      ...(cookies === undefined ? {} : { COOKIES: cookies }),
    },
    // Whatever the edge fetches by URL lands here: no test leaves this machine.
    outboundService: "origin",
  };
  const sessions = { className: "TandemSessions", useSQLite: true };
  const mf = new Miniflare({
    cf: false,
    host: "127.0.0.1",
    port: 0,
    workers: [
      { name: "front", modules: true, script: FRONT, compatibilityDate, serviceBindings: { a: "edge-a", b: "edge-b" } },
      {
        ...shared,
        name: "edge-a",
        bindings: { ...shared.bindings, ...bindings.a },
        durableObjects: { SESSIONS: sessions },
      },
      {
        ...shared,
        name: "edge-b",
        bindings: { ...shared.bindings, ...bindings.b },
        durableObjects: { SESSIONS: { ...sessions, scriptName: "edge-a" } },
      },
      { name: "origin", modules: origin, compatibilityDate },
    ],
  });
  await mf.ready;
  return {
    browser: (options) => new Browser(mf, options),
    /** The types of what was reported since it was asked last, in both isolates. */
    async events() {
      const ask = async (isolate) =>
        (await mf.dispatchFetch(`${SITE}/test/events`, { headers: { "test-isolate": isolate } })).json();
      return [...(await ask("a")), ...(await ask("b"))];
    },
    stop: () => mf.dispose(),
  };
}

/** Sends what a page of the site would, with the cookies that a browser would. */
export class Browser {
  jar = new Map();
  now = START;
  #mf;
  #site;

  constructor(mf, { site = SITE } = {}) {
    this.#mf = mf;
    this.#site = site;
  }

  /** A copy of what this one holds: another tab's requests in flight, or a thief's. */
  copy() {
    const copy = new Browser(this.#mf, { site: this.#site });
    copy.jar = new Map(this.jar);
    copy.now = this.now;
    return copy;
  }

  get cookie() {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Without a body to read and without keeping the cookies, when `keep` is false: a response that got lost. */
  async fetch(url, { method = "GET", headers = {}, body, keep = true, isolate = "a", sameOrigin = true } = {}) {
    const sent = new Headers({ "test-now": String(this.now), "test-isolate": isolate, ...headers });
    if (this.jar.size > 0 && !sent.has("cookie")) sent.set("cookie", this.cookie);
    if (sameOrigin) {
      sent.set("sec-fetch-site", "same-origin");
      if (method !== "GET") sent.set("origin", this.#site);
    }
    const response = await this.#mf.dispatchFetch(this.#site + url, {
      method,
      headers: sent,
      body,
      ...(body instanceof ReadableStream && { duplex: "half" }),
      redirect: "manual",
    });
    if (keep) this.keep(response);
    return response;
  }

  post(url, body, options = {}) {
    return this.fetch(url, {
      method: "POST",
      body: body === undefined ? undefined : JSON.stringify(body),
      ...options,
      headers: { "content-type": "application/json", ...options.headers },
    });
  }

  signIn(username = "ada", options = {}) {
    return this.post("/auth/login", { username, password: "right" }, options);
  }

  keep(response) {
    for (const line of response.headers.getSetCookie()) {
      const { name, value, attributes } = parsed(line);
      if (attributes.get("max-age") === "0") this.jar.delete(name);
      else this.jar.set(name, value);
    }
  }

  /** The claims in a token that the browser holds. */
  claims(name) {
    return decoded(this.jar.get(name));
  }
}

export function decoded(token) {
  return token === undefined ? null : JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}

export function parsed(setCookie) {
  const [pair, ...rest] = setCookie.split("; ");
  const equals = pair.indexOf("=");
  const attributes = new Map(
    rest.map((each) => each.split("=")).map(([key, value = ""]) => [key.toLowerCase(), value]),
  );
  return { name: pair.slice(0, equals), value: pair.slice(equals + 1), attributes };
}

export function setCookies(response) {
  return new Map(response.headers.getSetCookie().map((line) => [parsed(line).name, parsed(line)]));
}
