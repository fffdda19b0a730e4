// A client that holds its tokens: lost and late answers, clients beside each other, and the origins that get a token.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { bearerSession, memoryTokens } from "tandem-jwt/client";

import { startAuthServer } from "./auth-server.mjs";
import { gate } from "./network.mjs";

describe("a client by bearer", () => {
  let server;
  before(async () => {
    server = await startAuthServer();
  });
  after(() => server?.stop());

  /** A client that is signed in, with its own record of what happened. */
  async function client(options = {}) {
    const session = bearerSession({ tokenEndpoint: `${server.url}/auth/token`, ...options });
    const log = [];
    session.on("change", ({ status }) => log.push(status));
    session.on("retry", () => log.push("retry"));
    await session.setTokens(await server.signIn());
    return { session, log };
  }

  test("its token goes with requests, and a refresh brings another", async () => {
    const { session, log } = await client();
    assert.deepEqual(await (await session.fetch(`${server.url}/api`)).json(), { sub: "ada" });
    const { expiresAt, claims } = session.getSnapshot();
    assert.equal(claims.sub, "ada");
    await pause(1_100);
    const after = await session.refresh();
    assert.ok(after.expiresAt > expiresAt);
    assert.deepEqual(log, ["signed-in", "signed-in"]);
    await session.signOut();
    assert.equal(session.getSnapshot().status, "signed-out");
    assert.equal((await session.fetch(`${server.url}/api`)).status, 401);
    session.close();
  });

  test("an expired token is refreshed before the request, once for all who wait", async () => {
    const short = await startAuthServer({ accessTtl: "3s" });
    const session = bearerSession({ tokenEndpoint: `${short.url}/auth/token`, refreshAhead: 0 });
    await session.setTokens(await short.signIn());
    await pause(3_100);
    const asked = Array.from({ length: 20 }, () => session.fetch(`${short.url}/api`));
    assert.deepEqual([...new Set((await Promise.all(asked)).map(({ status }) => status))], [200]);
    assert.equal(short.refreshes.length, 1);
    session.close();
    await short.stop();
  });

  test("a 401 is answered by one refresh and one more try, and a stream is sent once", async () => {
    const seen = [];
    const origin = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(seen.length % 2 === 1 ? 401 : 200).end();
    });
    await new Promise((resolve) => origin.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${origin.address().port}/`;
    const { session } = await client({ origins: [url] });
    assert.equal((await session.fetch(url, { method: "POST", body: "text" })).status, 200);
    assert.equal(seen.length, 2);
    assert.notEqual(seen[0], seen[1]);

    const body = new Blob(["streamed"]).stream();
    assert.equal((await session.fetch(url, { method: "POST", body, duplex: "half" })).status, 401);
    assert.equal(seen.length, 3);
    session.close();
    origin.close();
  });

  test("its token goes to the origins that were named, and to no other", async () => {
    const seen = [];
    const stranger = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    await new Promise((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const { session } = await client();
    await session.fetch(`http://127.0.0.1:${stranger.address().port}/`);
    assert.deepEqual(seen, [undefined]);
    session.close();
    stranger.close();
  });

  test("a lost answer is asked for again with the same token", async () => {
    const { session, log } = await client();
    server.hooks.token = () => {
      server.hooks.token = undefined;
      return "lost";
    };
    await session.refresh();
    assert.equal(log.at(-1), "retry");
    assert.equal((await session.refresh()).status, "signed-in");
    const [lost, again] = server.refreshes.slice(-2);
    assert.equal(again, lost);
    assert.equal(server.events.at(-1), "grace");
    session.close();
  });

  test("an answer that took longer than half the grace is thrown away", async () => {
    const tokens = memoryTokens();
    const { session, log } = await client({ tokens, grace: 1 });
    const { refresh } = tokens.load();
    server.hooks.token = async () => {
      server.hooks.token = undefined;
      await pause(800);
    };
    await session.refresh();
    assert.equal(log.at(-1), "retry");
    assert.equal(tokens.load().refresh, refresh);
    await session.refresh();
    assert.notEqual(tokens.load().refresh, refresh);
    assert.equal(server.refreshes.at(-1), refresh);
    session.close();
  });

  test("a session that the server has ended is over, and its tokens are gone", async () => {
    const tokens = memoryTokens();
    const { session, log } = await client({ tokens });
    await server.sessions.revokeAll("ada");
    assert.equal((await session.refresh()).status, "signed-out");
    assert.equal(tokens.load(), null);
    assert.deepEqual(log, ["signed-in", "signed-out"]);
    session.close();
  });

  test("a server that is away ends nothing, and the caller's signal counts", async () => {
    const { session, log } = await client();
    const { hold, waiting, release } = gate();
    server.hooks.token = hold;
    const refreshing = session.refresh();
    await waiting;
    await assert.rejects(session.fetch(`${server.url}/api`, { signal: AbortSignal.timeout(100) }), {
      name: "TimeoutError",
    });
    server.hooks.token = undefined;
    release("lost");
    await refreshing;
    assert.equal(session.getSnapshot().status, "signed-in");
    assert.equal(log.at(-1), "retry");
    session.close();
  });

  test("setTokens takes a pair, and nothing else", async () => {
    const session = bearerSession({ tokenEndpoint: `${server.url}/auth/token` });
    await assert.rejects(session.setTokens({ access: "x", refresh: "y" }), TypeError);
    await assert.rejects(session.setTokens({ access: (await server.signIn()).access }), TypeError);
    assert.throws(() => bearerSession({ tokenEndpoint: `${server.url}/auth/token`, refreshAhead: "60s" }), TypeError);
    session.close();
  });

  test("two clients of one person: neither refresh ends the other", async (t) => {
    // https://github.com/keycloak/keycloak/issues/50721
    const short = await startAuthServer({ grace: "1s" });
    t.after(() => short.stop());
    const clients = await Promise.all(
      ["web", "cli"].map(async () => {
        const session = bearerSession({ tokenEndpoint: `${short.url}/auth/token` });
        await session.setTokens(await short.signIn());
        return session;
      }),
    );
    for (let round = 0; round < 3; round += 1) {
      await pause(2_100);
      const states = await Promise.all(clients.map((session) => session.refresh()));
      assert.deepEqual([...new Set(states.map(({ status }) => status))], ["signed-in"]);
    }
    assert.ok(short.events.includes("rotated") && !short.events.includes("reuse"));
    for (const session of clients) session.close();
  });

  test("two clients with one store in one page, at once and in turns", async (t) => {
    const short = await startAuthServer({ grace: "1s" });
    t.after(() => short.stop());
    const tokens = memoryTokens();
    const open = () => bearerSession({ tokenEndpoint: `${short.url}/auth/token`, tokens });
    const [one, two] = [open(), open()];
    await one.setTokens(await short.signIn());
    await Promise.all([one.refresh(), two.refresh()]);
    for (const session of [one, one, two, one]) {
      await pause(2_100);
      assert.equal((await session.refresh()).status, "signed-in");
    }
    assert.ok(!short.events.includes("reuse"));
    one.close();
    two.close();
  });

  test("a token that another process got long ago is refreshed before it is sent", async (t) => {
    const short = await startAuthServer({ accessTtl: "1s" });
    t.after(() => short.stop());
    const first = await short.signIn();
    await pause(1_100);
    const { access, refresh } = await short.sessions.refresh(first.refresh);
    await pause(2_100);
    // The client finds the first pair, and right before its refresh the one that the other process left.
    const pairs = [first];
    const tokens = { ...memoryTokens(), load: () => pairs.shift() ?? { access, refresh } };
    const session = bearerSession({ tokenEndpoint: `${short.url}/auth/token`, tokens });
    assert.equal((await session.fetch(`${short.url}/api`)).status, 200);
    assert.deepEqual(short.calls, [200], short.events.join(" "));
    session.close();
  });

  test("a pair that somebody saved while an answer was on its way is the one that is sent", async (t) => {
    const short = await startAuthServer({ accessTtl: "1s" });
    t.after(() => short.stop());
    const first = await short.signIn();
    await pause(2_100);
    // A store without a lock, as callers write them: another client refreshes at the same moment, and saves first.
    const tokens = memoryTokens();
    await tokens.save(first);
    const theirs = await short.sessions.refresh(first.refresh);
    const answered = async (request) => {
      const response = await fetch(request);
      if (request.url.endsWith("/auth/token")) await tokens.save(theirs);
      return response;
    };
    const session = bearerSession({ tokenEndpoint: `${short.url}/auth/token`, tokens, fetch: answered });
    assert.equal((await session.fetch(`${short.url}/api`)).status, 200);
    assert.equal((await tokens.load()).refresh, theirs.refresh, "and it stays");
    session.close();
  });
});
