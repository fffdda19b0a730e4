/**
 * The way between a browser and the Worker: a proxy on loopback that can be cut, can hold an answer back, can answer by
 * itself, and knows what really went through. Each has an origin of its own, so that cases run side by side.
 */
import assert from "node:assert/strict";
import { createServer, request as send } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** `pages` are documents that the proxy serves itself: for a path, its HTML or `{ html, headers }`. */
export async function startNetwork(target, pages = {}) {
  const { hostname, port } = new URL(target);
  const arrived = [];
  const sockets = new Set();
  let isDown = false;
  /** For a path, what is to happen to its requests: see `onPath`. */
  const rules = new Map();

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    arrived.push(pathname);
    const page = pages[pathname];
    if (page !== undefined) return serve(response, page);
    const rule = rules.get(pathname) ?? {};
    const given = rule.answer?.(request);
    if (given !== undefined) {
      request.resume();
      return response.writeHead(given.status, given.headers).end(given.body ?? "{}");
    }
    // A connection each: one that the Worker closes just as it is used again would be an outage that no case asked for.
    const { method, headers } = request;
    const forwarded = send({ hostname, port, method, path: request.url, headers, agent: false });
    forwarded.on("error", () => response.destroy());
    forwarded.on("response", async (answer) => {
      if ((await rule.hold?.()) === "lost") return response.destroy();
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  server.on("connection", (socket) => {
    if (isDown) return socket.destroy();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://localhost:${server.address().port}`,
    /** How many requests for a path have arrived here. */
    count: (pathname) => arrived.filter((path) => path === pathname).length,
    /**
     * `answer(request)` answers in place of the Worker, unless it returns undefined; `hold()` is waited for between the
     * Worker's answer and the browser, which loses the answer if it resolves with "lost".
     */
    onPath: (pathname, rule) => rules.set(pathname, rule),
    asItIs: (pathname) => rules.delete(pathname),
    down() {
      isDown = true;
      for (const socket of sockets) socket.destroy();
    },
    up() {
      isDown = false;
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(response, page) {
  const { html, headers = {} } = typeof page === "string" ? { html: page } : page;
  response.writeHead(200, { "content-type": "text/html", ...headers }).end(html);
}

/** A hold that ends when `release` is called, and tells when somebody waits. */
export function gate() {
  let release;
  let reached;
  const opened = new Promise((resolve) => {
    release = resolve;
  });
  const waiting = new Promise((resolve) => {
    reached = resolve;
  });
  return {
    hold: () => {
      reached();
      return opened;
    },
    waiting,
    release,
  };
}

/** Waits until a condition holds. */
export async function until(holds, milliseconds = 5_000) {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`it did not come to hold in ${milliseconds} ms: ${holds}`);
    await pause(50);
  }
}
