/**
 * No path that is let through as open is read under a guarded route, by any of the origins of `guard/origins.mjs`. The
 * same search runs with each reading of the guard left out, and has to find a path that the guard then lets through.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { createServer, request as send } from "node:http";
import { describe, test } from "node:test";
import { guard, readingLines } from "./guard/guard.mjs";
import { ORDINARY } from "./guard/ordinary.mjs";
import { chance, randomPath, readBy } from "./guard/origins.mjs";
import { isGuarded, routes } from "./guard/routes.mjs";

const seed = Number(process.env.GUARD_SEED ?? randomInt(2 ** 31));
const PATHS = process.env.TANDEM_DEEP ? 1_000_000 : 60_000;
/** Each path is given to so many random origins. */
const ORIGINS = 12;

/** Looks for a path that is let through as open, and that an origin reads as guarded. */
function search({ RouteTable }, paths) {
  const table = new RouteTable(routes);
  const random = chance(seed);
  let passed = 0;
  for (let count = 0; count < paths; count += 1) {
    const path = randomPath(random);
    const match = table.match(path);
    if (match.kind !== "route" || match.route.optional !== true) continue;
    passed += 1;
    for (let origin = 0; origin < ORIGINS; origin += 1) {
      const { taken, reading } = readBy(random, path);
      if (isGuarded(reading)) return { path, taken, reading, passed };
    }
  }
  return { passed };
}

describe("the route guard", () => {
  test(`no origin reads an open path as a guarded one (GUARD_SEED=${seed}, ${PATHS} paths)`, async (t) => {
    const found = search(await guard(), PATHS);
    t.diagnostic(`${found.passed} of ${PATHS} paths were let through as open`);
    assert.equal(found.path, undefined, JSON.stringify(found));
    assert.ok(found.passed > PATHS / 20, "enough paths were let through to be read");
  });

  test("each reading of the guard is needed", async () => {
    const lines = await readingLines();
    assert.ok(lines.length >= 11);
    for (const line of lines) {
      // A byte that is left alone is one more character of its segment, so the two readings after this one cover it.
      if (line.trim() === "yield decoded;") continue;
      const found = search(await guard(line), 400_000);
      assert.notEqual(
        found.path,
        undefined,
        `without ${line.trim()} nothing was misread: the search or the line is idle`,
      );
    }
  });

  test("ordinary paths pass, each to its own route", async () => {
    const { RouteTable } = await guard();
    const table = new RouteTable({ "/*": { optional: true }, "/admin/*": { scope: "admin" }, "/login": {} });
    for (const [kind, paths] of Object.entries(ORDINARY)) {
      for (const path of paths) {
        const match = table.match(new URL(`https://app.example${path}`).pathname);
        assert.equal(match.kind, "route", path);
        assert.equal(match.route.optional === true, kind === "open", path);
      }
    }
  });

  test("a Node server that resolves the path against a base reads no open path as a guarded one", async (t) => {
    const { RouteTable } = await guard();
    const table = new RouteTable(routes);
    const server = createServer((request, response) => {
      if (!URL.canParse(request.url, "http://localhost")) return response.writeHead(400).end("/");
      const { pathname } = new URL(request.url, "http://localhost");
      response.end(decodeURIComponent(pathname.replace(/%(?![\da-f]{2})/gi, "%25").replace(/%[89a-f][\da-f]/gi, "")));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const { port } = server.address();
    const read = (path) =>
      new Promise((resolve, reject) => {
        const asked = send({ port, host: "127.0.0.1", path, agent: false }, async (response) => {
          let text = "";
          for await (const chunk of response) text += chunk;
          resolve(text);
        });
        asked.on("error", reject).end();
      });
    const random = chance(seed);
    const attacks = ["//host/admin/x", "//x/admin", "/\\x/admin", "//x%2fy/admin/q"];
    let passed = 0;
    for (let count = 0; count < 2_000; count += 1) {
      const path = attacks[count] ?? randomPath(random);
      const match = table.match(path);
      if (match.kind !== "route" || match.route.optional !== true) continue;
      passed += 1;
      const reading = await read(path);
      assert.ok(!isGuarded(reading), `${path} is read as ${reading}`);
    }
    assert.ok(passed > 500);
  });
});
