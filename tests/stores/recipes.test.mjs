// What a newcomer's shortest code survives: the recipes of docs/recipes.md, and the edge in Express of docs/edge.md, each as
// processes over one Redis. The page has the table of what came out, and is held to it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { browser, commandLine, workshop, writeEdge, writeRecipe } from "./programs/recipes.mjs";
import { startRedis } from "./servers.mjs";

const SAME_ORIGIN = { "sec-fetch-site": "same-origin" };
const EDGE_KEYS = {
  ACCESS_KEY: "an access key for tests, of 32 bytes or more",
  REFRESH_KEY: "a refresh key for tests, of 32 bytes or more",
};

/** The answers of a recipe with `/login` and `/orders`: `refresh` and `end` are the paths of what else is asked for. */
async function signsInAndOut({ url }, { refresh, end, requestOf }) {
  const login = (body) =>
    fetch(`${url}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  assert.equal((await login({ username: "eve", password: "lovelace" })).status, 401);
  const signedIn = await login({ username: "ada", password: "lovelace" });
  assert.equal(signedIn.headers.get("cache-control"), "no-store");
  const request = requestOf(signedIn.headers, await signedIn.clone().json());
  const { access, access_token: token = access } = await signedIn.json();
  const orders = await fetch(`${url}/orders`, { headers: { authorization: `Bearer ${token}` } });
  assert.deepEqual(await orders.json(), { sub: "ada" });
  assert.equal((await fetch(`${url}/orders`)).status, 401);
  assert.equal((await fetch(url + refresh, request())).status, 200);
  assert.deepEqual(await (await fetch(url + end, request())).json(), { ended: true });
  assert.equal((await fetch(url + refresh, request())).status, 400);
}
const byCookie = (server) =>
  signsInAndOut(server, {
    refresh: "/refresh",
    end: "/logout",
    requestOf(headers) {
      const [cookie] = headers.getSetCookie()[0].split(";", 1);
      return () => ({ method: "POST", headers: { cookie } });
    },
  });
const byForm = (server) =>
  signsInAndOut(server, {
    refresh: "/token",
    end: "/revoke",
    requestOf:
      (_, { refresh_token: token }) =>
      () => ({ method: "POST", body: new URLSearchParams({ refresh_token: token, token }) }),
  });

async function edgeSignsInAndOut({ url }) {
  const headers = { ...SAME_ORIGIN, "content-type": "application/json" };
  const post = (path, cookie, body = {}) =>
    fetch(url + path, { method: "POST", headers: { ...headers, cookie }, body: JSON.stringify(body) });
  assert.equal((await post("/auth/login", "", { username: "ada", password: "wrong" })).status, 401);
  const signedIn = await post("/auth/login", "", { username: "ada", password: "right" });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");
  const known = await fetch(`${url}/account/name`, { headers: { cookie } });
  assert.deepEqual(await known.json(), { name: "ada" });
  assert.equal((await fetch(`${url}/account/name`, { redirect: "manual" })).status, 401);
  assert.equal((await post("/auth/refresh", cookie)).status, 200);
  assert.equal((await post("/auth/logout", cookie)).status, 204);
  assert.equal((await post("/auth/refresh", cookie)).status, 401);
}

const byHand = () => browser({ login: "/login", refresh: "/refresh", password: "lovelace" });

/** By its name in the table: the server's file, its environment, and who talks to it. */
const PROGRAMS = {
  "the edge, mounted in Express": {
    write: writeEdge,
    env: EDGE_KEYS,
    signsInAndOut: edgeSignsInAndOut,
    client: () => browser({ login: "/auth/login", refresh: "/auth/refresh", headers: SAME_ORIGIN, password: "right" }),
  },
  "Express, cookie by hand": {
    write: (folder) => writeRecipe(folder, "express"),
    client: byHand,
    signsInAndOut: byCookie,
  },
  "Fastify, cookie by hand": {
    write: (folder) => writeRecipe(folder, "fastify"),
    client: byHand,
    signsInAndOut: byCookie,
  },
  "Hono, token file of `client/node`": {
    write: (folder) => writeRecipe(folder, "hono"),
    signsInAndOut: byForm,
    client: (shop) => commandLine(shop, { isByHand: false }),
  },
  "Hono, token file by hand": {
    write: (folder) => writeRecipe(folder, "hono"),
    signsInAndOut: byForm,
    client: (shop) => commandLine(shop, { isByHand: true }),
  },
};

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Past the grace, in which the same successor is handed out again. */
const LATER = 31;

/** By its column of the table: what happens to a client that has just signed in, and whether it is still signed in. */
const ACCIDENTS = {
  async "an answer is lost"({ server, client, sleep, at }) {
    for (const wait of [LATER, 10 * 60, 9 * HOUR]) {
      await sleep(HOUR);
      assert.ok(await client.refresh(server, { isLost: true, ...at() }));
      await sleep(wait);
      if (!(await client.refresh(server, at()))) return false;
    }
    return true;
  },
  async "two tabs or processes at once"({ server, client, sleep, at }) {
    for (let round = 0; round < 3; round++) {
      await sleep(HOUR);
      const both = await Promise.all([client.refresh(server, at()), client.refresh(server, at())]);
      if (both.includes(false)) return false;
    }
    await sleep(HOUR);
    return client.refresh(server, at());
  },
  async "8 days of sleep"({ server, client, sleep, at }) {
    await sleep(8 * DAY);
    if (!(await client.refresh(server, at()))) return false;
    await sleep(8 * DAY);
    return client.refresh(server, at());
  },
  async "killed in between"({ server, client, sleep, at, restart }) {
    await sleep(HOUR);
    const wasKilled = restart === undefined;
    if (wasKilled) assert.equal(await client.refresh(server, { dies: true, ...at() }), false, "the client was killed");
    let again = server;
    if (!wasKilled) {
      // Nobody hears the answer, and nobody knows how far the server came.
      const unheard = client.refresh(server, { isLost: true }).catch(() => undefined);
      await server.kill();
      await unheard;
      again = await restart();
    }
    await sleep(LATER);
    return client.refresh(again, at());
  },
  async "two servers"({ server, client, sleep, at, another }) {
    const second = await another();
    for (const [one, two] of [
      [server, second],
      [second, server],
    ]) {
      await sleep(HOUR);
      const both = await Promise.all([client.refresh(one, at()), client.refresh(two, at())]);
      if (both.includes(false)) return false;
    }
    await sleep(HOUR);
    return client.refresh(second, at());
  },
};

/** What came out, for the table. */
const results = new Map();

describe("what a newcomer's shortest code survives", { concurrency: 2 }, () => {
  let redis;
  let shop;
  before(async () => {
    redis = await startRedis();
    shop = workshop(redis.url);
  });
  after(async () => {
    shop?.stop();
    await redis?.stop();
  });

  async function signedIn({ write, env, client: make }) {
    const file = await write(shop.folder());
    const servers = [];
    let ahead = 0;
    const serve = async () => {
      const server = await shop.serve(file, { ahead, env });
      servers.push(server);
      return server;
    };
    const server = await serve();
    const client = make(shop);
    assert.equal((await client.signIn(server)).status, 200);
    return {
      server,
      client,
      servers,
      /** The clock of a client that is a process of its own. */
      at: () => ({ ahead }),
      async sleep(seconds) {
        ahead += seconds;
        await Promise.all(servers.map((one) => one.sleep(seconds)));
      },
      another: serve,
      async restart() {
        servers.length = 0;
        return serve();
      },
    };
  }

  for (const [name, program] of Object.entries(PROGRAMS)) {
    const isProcess = name.startsWith("Hono");

    for (const [accident, happens] of Object.entries(ACCIDENTS)) {
      test(`${name}: ${accident}`, async () => {
        const scene = await signedIn(program);
        // A command line dies itself; behind a browser, the server does.
        const isStillSignedIn = await happens(isProcess ? { ...scene, restart: undefined } : scene);
        results.set(`${name}: ${accident}`, isStillSignedIn ? "signed in" : "signed out");
        assert.ok(isStillSignedIn);
        assert.ok(!scene.servers.some(({ events }) => events.includes("reuse")), "and nobody was taken for a thief");
      });
    }

    test(`${name}: signing in and out`, async () => {
      const file = await program.write(shop.folder());
      const server = await shop.serve(file, { env: program.env });
      await program.signsInAndOut(server);
    });

    test(`${name}: a thief`, async () => {
      const { server, client, sleep, at } = await signedIn(program);
      await sleep(HOUR);
      const stolen = client.held();
      // The thief comes first, so the token is a good one, and the owner shows later that it was used twice.
      assert.ok(await client.refresh(server, { present: stolen, isLost: true, ...at() }));
      await sleep(HOUR);
      assert.ok(await client.refresh(server, at()), "the owner may have lost an answer");
      for (let i = 0; i < 2; i++) {
        await sleep(HOUR);
        assert.ok(await client.refresh(server, at()));
      }
      const again = await client.refresh(server, { present: stolen, ...at() });
      // An access token that the owner still holds is good to its end.
      await sleep(HOUR);
      const tries = [again, await client.refresh(server, at())];
      results.set(`${name}: a thief`, tries.includes(true) ? "not found" : "found");
      assert.deepEqual(tries, [false, false], "the session is over for both");
    });
  }
});

test("the table of docs/recipes.md says the same", () => {
  const page = readFileSync(new URL("../../docs/recipes.md", import.meta.url), "utf8");
  const rows = page
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));
  const [[, ...columns], ...programs] = rows;
  assert.deepEqual(columns, [...Object.keys(ACCIDENTS), "a thief"]);
  assert.deepEqual(
    programs,
    Object.keys(PROGRAMS).map((name) => [name, ...columns.map((column) => results.get(`${name}: ${column}`))]),
  );
});
