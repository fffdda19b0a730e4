/** `toNodeHandler`: what it trusts, and what it passes on. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { describe, test } from "node:test";
import express from "express";
import { toNodeHandler } from "tandem-jwt/node";

import { ask, echo, edge, listen, SITE, signIn } from "./node-bed.mjs";

const JSON_TYPE = { "content-type": "application/json" };

describe("the edge in Node", () => {
  test("the public address is the option, whatever a client says of it", async (t) => {
    const origin = `http://127.0.0.1:${await listen(t, echo())}`;
    const auth = edge({ routes: { "/*": { optional: true, origin } } });
    const port = await listen(t, createServer(toNodeHandler(auth)));
    const forged = { host: "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" };
    const { headers } = JSON.parse((await ask(port, "/x", { headers: forged })).text);
    assert.equal(headers["x-forwarded-host"], "app.example");
    assert.equal(headers["x-forwarded-proto"], "https");
    assert.equal(headers.host, origin.slice("http://".length));
    // The same-origin check uses it too.
    const login = { method: "POST", body: '{"username":"ada"}' };
    const evil = { ...login, headers: { ...JSON_TYPE, host: "evil.example", origin: "http://evil.example" } };
    assert.equal((await ask(port, "/auth/login", evil)).status, 403);
    const ours = { ...login, headers: { ...JSON_TYPE, host: "evil.example", origin: SITE } };
    assert.equal((await ask(port, "/auth/login", ours)).status, 200);
  });

  test("of several origins Host chooses one, and no other", async (t) => {
    const auth = edge({ origin: [SITE, "https://other.example"] });
    const app = express();
    app.use(toNodeHandler(auth));
    app.get("/host", (request, response) => response.send(request.headers["x-forwarded-host"]));
    const port = await listen(t, createServer(app));
    const as = async (host) => await ask(port, "/host", { headers: { host } });
    assert.equal((await as("app.example")).text, "app.example");
    assert.equal((await as("OTHER.example")).text, "other.example");
    assert.equal((await as("evil.example")).status, 400);
  });

  test("without an origin only loopback is served, and the error says what to do", async (t) => {
    const port = await listen(t, createServer(toNodeHandler(edge({ origin: undefined, cookies: "dev" }))));
    assert.equal((await ask(port, "/", { headers: { host: `localhost:${port}` } })).status, 404);
    const refused = await ask(port, "/", { headers: { host: "app.example" } });
    assert.equal(refused.status, 400);
    assert.match(refused.text, /origin: /);
  });

  test("the client's address is that of the connection, or what so many proxies in front say", async (t) => {
    const origin = `http://127.0.0.1:${await listen(t, echo())}`;
    const seen = async (trustProxy, given) => {
      const auth = edge({ routes: { "/*": { optional: true, origin } } });
      const port = await listen(t, createServer(toNodeHandler(auth, { trustProxy })));
      const { text } = await ask(port, "/", { headers: given === undefined ? {} : { "x-forwarded-for": given } });
      return JSON.parse(text).headers["x-forwarded-for"];
    };
    assert.equal(await seen(0), "127.0.0.1");
    assert.equal(await seen(0, "6.6.6.6"), "127.0.0.1");
    assert.equal(await seen(1, "6.6.6.6, 203.0.113.7"), "203.0.113.7");
    assert.equal(await seen(2, "6.6.6.6, 203.0.113.7, 10.0.0.1"), "203.0.113.7");
    assert.equal(await seen(1), "127.0.0.1");
    assert.throws(() => toNodeHandler(edge(), { trustProxy: true }), TypeError);
  });

  test("an application gets the claims, and the headers that an origin would see", async (t) => {
    const app = express();
    app.use(toNodeHandler(edge()));
    app.use(express.json());
    app.all("/{*path}", ({ auth, headers, rawHeaders, body }, response) =>
      response.json({ auth, headers, rawHeaders, body: body ?? null }),
    );
    const port = await listen(t, createServer(app));
    const cookie = await signIn(port);
    const sent = {
      ...JSON_TYPE,
      cookie: `${cookie}; theme=dark`,
      "x-user": "root",
      X_Role: "admin",
      "sec-fetch-site": "same-origin",
    };
    const known = await ask(port, "/account/x", { method: "POST", headers: sent, body: '{"order":7}' });
    const { auth, headers, rawHeaders, body } = JSON.parse(known.text);
    assert.equal(auth.sub, "ada");
    assert.equal(headers.cookie, "theme=dark");
    assert.match(headers.authorization, /^Bearer ey/);
    assert.equal(headers.host, "app.example");
    assert.deepEqual(body, { order: 7 });
    for (const name of ["x-user", "x_role"]) assert.equal(headers[name], undefined);
    assert.doesNotMatch(JSON.stringify(rawHeaders), /root|admin|refresh/);
    const stranger = JSON.parse((await ask(port, "/x", { headers: { authorization: "Basic YTpi" } })).text);
    assert.equal(stranger.auth, null);
    assert.equal(stranger.headers.authorization, undefined);
  });

  test("the edge finishes an application's answer, however it is written", async (t) => {
    const answers = {
      "/account/end": (response) => response.setHeader("Set-Cookie", "theme=dark").end("text"),
      "/account/object": (response) => response.writeHead(200, { "Set-Cookie": ["theme=dark"] }).end("text"),
      "/account/list": (response) => response.writeHead(200, "fine", ["Set-Cookie", "theme=dark"]).end("text"),
      "/account/write": (response) => {
        response.setHeader("Set-Cookie", ["theme=dark", "__Host-Http-access=evil; Path=/; Secure"]);
        response.write("te");
        response.end("xt");
      },
      "/account/flush": (response) => {
        response.setHeader("Set-Cookie", "theme=dark").setHeader("CDN-Cache-Control", "max-age=60");
        response.flushHeaders();
        response.end("text");
      },
    };
    const handler = toNodeHandler(edge());
    const port = await listen(
      t,
      createServer((request, response) => handler(request, response, () => answers[request.url](response))),
    );
    for (const path of Object.keys(answers)) {
      // Only the refresh cookie, so that the answer must bring a new access token.
      const refresh = (await signIn(port)).split("; ").find((each) => each.includes("refresh"));
      const { status, headers, text } = await ask(port, path, { headers: { cookie: refresh } });
      assert.equal(status, 200, path);
      assert.equal(text, "text");
      assert.equal(headers["cache-control"], "private, no-store", path);
      assert.equal(headers["cdn-cache-control"], undefined);
      const cookies = headers["set-cookie"].map((line) => line.split("=")[0]);
      assert.ok(cookies.includes("theme") && cookies.some((name) => name.endsWith("access")), cookies.join());
      assert.doesNotMatch(headers["set-cookie"].join(), /evil/);
    }
  });

  test("an application never sees a path that the guard has read otherwise", async (t) => {
    const seen = [];
    const app = express();
    app.use(toNodeHandler(edge({ routes: { "/*": { optional: true }, "/admin/*": {} } })));
    app.use((request, response) => {
      seen.push(request.url);
      response.send("in");
    });
    const port = await listen(t, createServer(app));
    for (const path of [
      "/admin/../open",
      "/admin\\..\\open",
      "/open#/../admin",
      "http://x/open",
      "/%2e%2e/admin/%2e%2e/open",
    ]) {
      assert.equal((await ask(port, path)).status, 400, path);
    }
    assert.deepEqual(seen, []);
    assert.equal((await ask(port, "/open?q=it's&r={a}")).status, 200);
    assert.deepEqual(seen, ["/open?q=it's&r={a}"]);
  });

  test("below a path of Express the whole path is judged", async (t) => {
    const app = express();
    app.use("/account", toNodeHandler(edge()), (_, response) => response.send("in"));
    const port = await listen(t, createServer(app));
    assert.equal((await ask(port, "/account/x")).status, 401);
  });

  test("a body that was parsed before is an error that says what to do", async (t) => {
    const errors = [];
    const app = express();
    app.use(express.json());
    const on = { unavailable: ({ cause }) => errors.push(String(cause)) };
    app.use(toNodeHandler(edge({ on }), { onError: (error) => errors.push(String(error)) }));
    const port = await listen(t, createServer(app));
    await assert.rejects(signIn(port), /50[03]/);
    assert.match(errors.join(), /ahead of everything that parses bodies/);
  });

  test("a mistake in the options is 500, and no way past the edge", async (t) => {
    const errors = [];
    const passed = [];
    const handler = toNodeHandler(edge({ keys: () => ({ access: "short" }) }), {
      onError: (error) => errors.push(error),
    });
    const port = await listen(
      t,
      createServer((request, response) => handler(request, response, () => passed.push(request.url))),
    );
    assert.equal((await ask(port, "/")).status, 500);
    assert.equal(errors.length, 1);
    assert.deepEqual(passed, []);
  });

  test("methods and bodies that fetch does not know are refused", async (t) => {
    const port = await listen(t, createServer(toNodeHandler(edge())));
    assert.equal((await ask(port, "/", { method: "TRACE" })).status, 405);
    assert.equal((await ask(port, "/", { headers: { "content-length": "1" }, body: "x" })).status, 400);
  });

  test("HTTP/2 is served too", async (t) => {
    const origin = `http://127.0.0.1:${await listen(t, echo())}`;
    const server = createHttp2Server(toNodeHandler(edge({ routes: { "/*": { optional: true, origin } } })));
    const port = await listen(t, server);
    const client = connectHttp2(`http://127.0.0.1:${port}`);
    t.after(() => client.close());
    const stream = client.request({ ":method": "POST", ":path": "/x?a=1", "content-type": "text/plain" });
    stream.end("hello");
    let text = "";
    for await (const chunk of stream) text += chunk;
    const { method, url, body } = JSON.parse(text);
    assert.deepEqual({ method, url, body }, { method: "POST", url: "/x?a=1", body: "hello" });
  });
});
