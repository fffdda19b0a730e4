/**
 * No path that is let through as open is read under a guarded route by real servers: nginx in four set-ups, and Tomcat in
 * two. A guard without the reading that a server is known for has to be caught by that server.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { guard, readingLines } from "./guard/guard.mjs";
import { chance, randomPath } from "./guard/origins.mjs";
import { isGuarded, routes } from "./guard/routes.mjs";
import { missing, startServers } from "./guard/servers.mjs";

const seed = Number(process.env.GUARD_SEED ?? randomInt(2 ** 31));
const PATHS = process.env.TANDEM_DEEP ? 200_000 : 8_000;
const CONCURRENT = 16;
// On the CI machine nothing is skipped.
const skip = missing.length > 0 && process.env.CI !== "true" ? `not installed: ${missing.join(", ")}` : false;

/** Known bypasses of similar guards; the rest is random. */
const ATTACKS = [
  "/admin%2f;x%2f..%2fsecret.txt",
  "//admin/..%5cx%2f..%2fsecret.txt",
  "/admin%3f",
  "/x/..;/admin/q",
  "/open/..;/admin/q",
  "/files../admin/secret.txt",
  "/files..%2fadmin/secret.txt",
  "/adm%09in",
  "//x/admin/q",
  "/admin;/q",
  "/%61dmin/q",
  "/admin%23",
];

function isOpen(table, path) {
  const match = table.match(path);
  return match.kind === "route" && match.route.optional === true;
}

/** The first path that a server reads as guarded. */
async function misread(read, paths) {
  const left = paths[Symbol.iterator]();
  let found;
  const worker = async () => {
    for (const path of left) {
      if (found !== undefined) return;
      const reading = (await read(path)).find(isGuarded);
      if (reading !== undefined) found = { path, reading };
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  return found;
}

describe(`the route guard in front of real servers (GUARD_SEED=${seed})`, { skip }, () => {
  let servers;
  before(async () => (servers = await startServers()));
  after(() => servers?.stop());

  for (const name of [
    "nginx, return",
    "nginx, slashes not merged",
    "nginx, proxy_pass with $uri to Node",
    "nginx, alias",
    "Tomcat",
    "Tomcat, lenient",
  ]) {
    test(`${name}: no open path is read as a guarded one`, async (t) => {
      const table = new (await guard()).RouteTable(routes);
      const random = chance(seed);
      const paths = [...ATTACKS, ...Array.from({ length: PATHS }, () => randomPath(random))];
      const open = paths.filter((path) => isOpen(table, path));
      assert.equal(await misread(servers.readers[name], open), undefined);
      assert.ok(open.length > PATHS / 20, "enough paths were let through to be read");
      t.diagnostic(`${paths.length} paths, ${open.length} let through, 0 misread`);
    });
  }

  for (const [left, name] of [
    ["yield decoded;", "nginx, return"],
    [".replace(/;", "Tomcat"],
    [".replace(/[?#].*/s", "nginx, proxy_pass with $uri to Node"],
    ["path.slice(0, index)", "nginx, alias"],
    ['.replaceAll("\\\\", "/")', "Tomcat, lenient"],
  ]) {
    test(`a guard without \`${left}\` is caught by ${name}`, async () => {
      const lines = (await readingLines()).filter((line) => line.includes(left));
      assert.equal(lines.length, 1);
      // Where three readings are one, they go together.
      const without = left === "yield decoded;" ? (await readingLines()).slice(0, 5) : lines;
      const whole = new (await guard()).RouteTable(routes);
      const broken = new (await guard(...without)).RouteTable(routes);
      function* more() {
        const random = chance(seed);
        for (let count = 0; count < 200_000; count += 1) {
          const path = randomPath(random);
          if (isOpen(broken, path) && !isOpen(whole, path)) yield path;
        }
      }
      assert.notEqual(await misread(servers.readers[name], more()), undefined);
    });
  }

  test("a file that is guarded would be served without the guard", async () => {
    const table = new (await guard()).RouteTable(routes);
    assert.equal(await servers.file("/files/open.txt"), "open");
    assert.ok(isOpen(table, "/files/open.txt"));
    assert.equal(await servers.file("/files../admin/secret.txt"), "secret");
    assert.equal(table.match("/files../admin/secret.txt").kind, "ambiguous");
  });
});
