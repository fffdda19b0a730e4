/** Bodies through `toNodeHandler`: large ones, endless ones, and those that break off. */
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { toNodeHandler } from "tandem-jwt/node";

import { ask, cookieOf, edge, listen, signIn } from "./node-bed.mjs";

const MB = 1024 * 1024;

describe("streams through the edge in Node", () => {
  async function behind(t, origin, options = {}) {
    const address = `http://127.0.0.1:${await listen(t, createServer(origin))}`;
    const auth = edge({ routes: { "/*": { optional: true, origin: address } }, ...options });
    return listen(t, createServer(toNodeHandler(auth)));
  }

  test("an upload of 100 MB by a session that has to be refreshed first", async (t) => {
    let highest = 0;
    // The clock stands still: an upload that took more than five seconds would get no cookie.
    const now = () => 1_800_000_000;
    const origin = async (request, response) => {
      let length = 0;
      const before = process.memoryUsage().arrayBuffers;
      for await (const chunk of request) {
        length += chunk.length;
        highest = Math.max(highest, process.memoryUsage().arrayBuffers - before);
      }
      response.end(`${length} ${request.headers.authorization?.slice(0, 9)}`);
    };
    const port = await behind(t, origin, { now });
    const cookie = (await signIn(port)).split("; ").find((each) => each.includes("refresh"));
    const block = Buffer.alloc(MB, "x");
    const answer = await new Promise((resolve, reject) => {
      const asked = request(
        { port, host: "127.0.0.1", method: "PUT", path: "/x", headers: { cookie, "sec-fetch-site": "same-origin" } },
        resolve,
      );
      asked.on("error", reject);
      (async () => {
        for (let count = 0; count < 100; count += 1) {
          if (!asked.write(block)) await new Promise((drained) => asked.once("drain", drained));
        }
        asked.end();
      })();
    });
    let text = "";
    for await (const chunk of answer) text += chunk;
    assert.equal(text, `${100 * MB} Bearer ey`);
    assert.ok(cookieOf(answer.headers["set-cookie"]).includes("access=ey"));
    // Buffering the whole body would take all 100 MB.
    assert.ok(highest < 90 * MB, `${highest} bytes were held at once`);
  });

  test("a download of 100 MB, as it is and byte for byte", async (t) => {
    const zipped = gzipSync("hello ".repeat(1000));
    const port = await behind(t, async (request, response) => {
      if (request.url === "/zipped") return response.writeHead(200, { "content-encoding": "gzip" }).end(zipped);
      response.writeHead(200, { "content-length": 100 * MB });
      for (let count = 0; count < 100; count += 1) {
        if (!response.write(Buffer.alloc(MB, count))) await new Promise((resolve) => response.once("drain", resolve));
      }
      response.end();
    });
    const large = await ask(port, "/large");
    assert.equal(large.bytes.length, 100 * MB);
    assert.equal(large.headers["content-length"], String(100 * MB));
    for (let count = 0; count < 100; count += 1) assert.equal(large.bytes[count * MB + 7], count);
    const packed = await ask(port, "/zipped");
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.deepEqual(packed.bytes, zipped);
  });

  test("events come one by one, and a client that leaves ends them", async (t) => {
    let left;
    const gone = new Promise((resolve) => (left = resolve));
    let more;
    const port = await behind(t, (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      more = (text) => response.write(text);
      response.on("close", left);
    });
    const answer = await new Promise((resolve) => request({ port, host: "127.0.0.1", path: "/events" }, resolve).end());
    const chunks = answer[Symbol.asyncIterator]();
    for (const text of ["data: 1\n\n", "data: 2\n\n"]) {
      more(text);
      assert.equal((await chunks.next()).value.toString(), text);
    }
    answer.destroy();
    await gone;
  });

  test("an origin that breaks off is a broken answer, not a short one", async (t) => {
    const port = await behind(t, (_, response) => {
      response.writeHead(200);
      response.write("half", () => response.destroy());
    });
    await assert.rejects(ask(port, "/"));
  });

  test("a client that breaks off an upload is nobody's alarm, and the origin hears of it", async (t) => {
    const events = [];
    let heard;
    const broken = new Promise((resolve) => (heard = resolve));
    const on = { unavailable: (event) => events.push(event) };
    const port = await behind(t, (request) => request.resume().on("close", () => heard(request.complete)), { on });
    const socket = connect(port, "127.0.0.1");
    socket.write("POST /x HTTP/1.1\r\nhost: app.example\r\ncontent-length: 100\r\n\r\nhalf");
    setTimeout(() => socket.destroy(), 100);
    assert.equal(await broken, false);
    assert.deepEqual(events, []);
  });

  test("an origin that is away is 502", async (t) => {
    const events = [];
    const auth = edge({
      routes: { "/*": { optional: true, origin: "http://127.0.0.1:1" } },
      on: { unavailable: ({ during }) => events.push(during) },
    });
    const port = await listen(t, createServer(toNodeHandler(auth)));
    assert.equal((await ask(port, "/")).status, 502);
    assert.deepEqual(events, ["origin"]);
  });

  test("Range, HEAD, 304 and redirects travel as they are", async (t) => {
    const port = await behind(t, (request, response) => {
      if (request.url === "/moved") return response.writeHead(302, { location: "https://elsewhere.example/" }).end();
      if (request.headers["if-none-match"] === '"a"') return response.writeHead(304, { etag: '"a"' }).end();
      if (request.headers.range === "bytes=2-3") {
        return response.writeHead(206, { "content-range": "bytes 2-3/6", "content-length": 2 }).end("cd");
      }
      response.writeHead(200, { "content-length": 6, "accept-ranges": "bytes" });
      response.end(request.method === "HEAD" ? undefined : "abcdef");
    });
    const range = await ask(port, "/", { headers: { range: "bytes=2-3" } });
    assert.deepEqual([range.status, range.text, range.headers["content-range"]], [206, "cd", "bytes 2-3/6"]);
    const head = await ask(port, "/", { method: "HEAD" });
    assert.deepEqual([head.status, head.text, head.headers["content-length"]], [200, "", "6"]);
    const same = await ask(port, "/", { headers: { "if-none-match": '"a"' } });
    assert.deepEqual([same.status, same.text, same.headers.etag], [304, "", '"a"']);
    const moved = await ask(port, "/moved");
    assert.deepEqual([moved.status, moved.headers.location], [302, "https://elsewhere.example/"]);
  });

  test("an answer that breaks off on a connection that was used before is not asked for again", async (t) => {
    const asked = [];
    const origin = (request, response) => {
      asked.push(request.url);
      if (request.url !== "/breaks") return response.end("whole");
      response.writeHead(200, { "content-length": 1000 }).write("half", () => {
        // Only a response that has started can break off in the middle.
        setTimeout(() => request.socket.resetAndDestroy(), 100);
      });
    };
    const port = await behind(t, origin);
    assert.equal((await ask(port, "/whole")).text, "whole");
    await assert.rejects(ask(port, "/breaks"));
    assert.equal((await ask(port, "/whole")).text, "whole");
    assert.deepEqual(asked, ["/whole", "/breaks", "/whole"]);
  });
});
