/** WebSockets through `toNodeHandler(edge).upgrade`. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import { describe, test } from "node:test";
import { toNodeHandler } from "tandem-jwt/node";
import { WebSocket, WebSocketServer } from "ws";

import { cookieOf, edge, listen, SITE, signIn } from "./node-bed.mjs";

describe("a WebSocket through the edge in Node", () => {
  /** An origin that says who opened the socket and echoes, and an edge in front of it. */
  async function start(t, options = {}) {
    const seen = [];
    const origin = createServer((_, response) => response.writeHead(426).end("no"));
    const sockets = new WebSocketServer({ server: origin, path: "/live" });
    sockets.on("connection", (socket, request) => {
      seen.push(request.headers);
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const address = `http://127.0.0.1:${await listen(t, origin)}`;
    const routes = { "/*": { optional: true, origin: address }, "/live": { origin: address }, "/none": {} };
    const handler = toNodeHandler(edge({ routes, ...options }));
    const port = await listen(t, createServer(handler).on("upgrade", handler.upgrade));
    t.after(() => sockets.close());
    return { port, seen, open: (path, headers) => new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers }) };
  }
  const refused = async (socket) => {
    const [, response] = await once(socket, "unexpected-response");
    response.resume();
    return response;
  };

  test("carries the session to the origin, and messages both ways", async (t) => {
    const { port, seen, open } = await start(t);
    const cookie = await signIn(port);
    const socket = open("/live", { cookie, origin: SITE, "x-user": "root" });
    await once(socket, "open");
    const large = Buffer.alloc(1024 * 1024, 7);
    for (const message of [Buffer.from("hello"), large]) {
      socket.send(message);
      const [data] = await once(socket, "message");
      assert.deepEqual(data, message);
    }
    socket.close(1000, "done");
    const [code, reason] = await once(socket, "close");
    assert.deepEqual([code, reason.toString()], [1000, "done"]);
    assert.match(seen[0].authorization, /^Bearer ey/);
    assert.equal(seen[0].cookie, undefined);
    assert.equal(seen[0]["x-user"], undefined);
    assert.equal(seen[0]["x-forwarded-host"], "app.example");
  });

  test("delivers a refresh with the handshake", async (t) => {
    const { port, open } = await start(t);
    const refresh = (await signIn(port)).split("; ").find((each) => each.includes("refresh"));
    const socket = open("/live", { cookie: refresh, origin: SITE });
    const [[response]] = await Promise.all([once(socket, "upgrade"), once(socket, "open")]);
    assert.match(cookieOf(response.headers["set-cookie"]), /access=ey/);
    assert.equal(response.headers["cache-control"], "private, no-store");
    socket.terminate();
  });

  test("is not opened by strangers, nor by pages of others", async (t) => {
    const { port, seen, open } = await start(t);
    const cookie = await signIn(port);
    assert.equal((await refused(open("/live", {}))).statusCode, 401);
    for (const headers of [{ origin: "https://evil.example" }, { origin: SITE, "sec-fetch-site": "same-site" }, {}]) {
      assert.equal((await refused(open("/live", { cookie, ...headers }))).statusCode, 403);
    }
    assert.equal((await refused(open("/none", { cookie, origin: SITE }))).statusCode, 404);
    assert.equal((await refused(open("/elsewhere", { cookie, origin: SITE }))).statusCode, 400, "as the origin says");
    assert.equal((await refused(open("/%6cive", { cookie, origin: SITE }))).statusCode, 400, "of two readings");
    assert.deepEqual(seen, []);
  });

  test("ends when either side goes", async (t) => {
    const { port, open } = await start(t);
    const cookie = await signIn(port);
    const socket = open("/live", { cookie, origin: SITE });
    await once(socket, "open");
    socket.terminate();
    await once(socket, "close");
  });

  test("an origin that is away is 502", async (t) => {
    const events = [];
    const { port, open } = await start(t, {
      routes: { "/*": { origin: "http://127.0.0.1:1" } },
      on: { unavailable: ({ during }) => events.push(during) },
    });
    const cookie = await signIn(port);
    assert.equal((await refused(open("/live", { cookie, origin: SITE }))).statusCode, 502);
    assert.deepEqual(events, ["origin"]);
  });

  test("a request that only says Upgrade is one like any other for the plain handler", async (t) => {
    const handler = toNodeHandler(edge());
    const port = await listen(t, createServer(handler));
    const headers = { connection: "upgrade", upgrade: "websocket" };
    const asked = send({ port, host: "127.0.0.1", path: "/account/x", headers, agent: false });
    asked.end();
    const [response] = await once(asked, "response");
    response.resume();
    assert.equal(response.statusCode, 401);
  });
});
