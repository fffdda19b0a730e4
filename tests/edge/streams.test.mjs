/** Bodies through the Worker, with a refresh before them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setCookies, startEdge } from "./harness.mjs";

const MB = 1024 * 1024;

describe("streams through the Worker", () => {
  let edge;
  before(async () => (edge = await startEdge()));
  after(() => edge.stop());

  async function expired() {
    const browser = edge.browser();
    await browser.signIn();
    browser.now += 901;
    return browser;
  }
  const isRefreshed = (response) => setCookies(response).has("__Host-Http-access");

  test("an upload of 100 MB", async () => {
    const browser = await expired();
    let left = 100;
    const body = new ReadableStream({
      pull(controller) {
        if (left === 0) return controller.close();
        left -= 1;
        controller.enqueue(new Uint8Array(MB));
      },
    });
    const response = await browser.fetch("/api/drains", { method: "PUT", body });
    assert.equal(await response.text(), `${100 * MB} Bearer ey`);
    assert.ok(isRefreshed(response));
  });

  test("a download of 100 MB, byte for byte", async () => {
    const browser = await expired();
    const response = await browser.fetch("/api/floods?mb=100");
    assert.ok(isRefreshed(response));
    let length = 0;
    for await (const chunk of response.body) {
      for (const at of [0, chunk.byteLength - 1]) assert.equal(chunk[at], Math.floor((length + at) / MB));
      length += chunk.byteLength;
    }
    assert.equal(length, 100 * MB);
  });

  test("events come one by one", async () => {
    const browser = await expired();
    const response = await browser.fetch("/api/tells");
    assert.ok(isRefreshed(response));
    const chunks = response.body[Symbol.asyncIterator]();
    for (const text of ["data: 1\n\n", "data: 2\n\n"]) {
      assert.equal(Buffer.from((await chunks.next()).value).toString(), text);
    }
    assert.equal((await chunks.next()).done, true);
  });

  test("Range, HEAD and 304 travel as they are", async () => {
    const browser = edge.browser();
    await browser.signIn();
    const range = await browser.fetch("/api/ranged", { headers: { range: "bytes=2-3" } });
    assert.deepEqual([range.status, await range.text()], [206, "cd"]);
    assert.equal(range.headers.get("content-range"), "bytes 2-3/6");
    const head = await browser.fetch("/api/ranged", { method: "HEAD" });
    assert.deepEqual([head.status, await head.text(), head.headers.get("accept-ranges")], [200, "", "bytes"]);
    const same = await browser.fetch("/api/ranged", { headers: { "if-none-match": '"a"' } });
    assert.deepEqual([same.status, same.headers.get("etag")], [304, '"a"']);
    // With a refresh on top: the cookies travel with an answer without a body too.
    browser.now += 901;
    const late = await browser.fetch("/api/ranged", { headers: { "if-none-match": '"a"' } });
    assert.equal(late.status, 304);
    assert.ok(isRefreshed(late));
  });
});
