// Middleware that asks for jsonwebtoken, given tandem-jwt in its place: a sign-in through each.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { after, test } from "node:test";

import { install } from "./installed.mjs";

const { folder, remove } = install();
after(remove);
const ours = join(folder, "node_modules", "jsonwebtoken");

const APPS = {
  "express-jwt": "express-jwt",
  "passport-jwt": "passport-jwt",
  "koa-jwt": "koa-jwt",
  "nestjs-jwt": "@nestjs/jwt",
  "jwks-rsa": "jwks-rsa",
  "hapi-auth-jwt2": "hapi-auth-jwt2",
};

for (const [name, middleware] of Object.entries(APPS)) {
  test(`${middleware}: signs in, and hands an expired token's error to the application as it is`, () => {
    const printed = execFileSync(process.execPath, ["apps/run.mjs", name, middleware], {
      cwd: folder,
      encoding: "utf8",
      timeout: 50_000,
    });
    const { signedIn, expired, tampered, payload, resolved, loaded } = JSON.parse(printed);
    assert.equal(resolved, join(ours, "dist", "cjs", "entries", "require.cjs"));
    assert.ok(loaded.length > 0);
    for (const file of loaded) assert.ok(file.startsWith(ours + sep), file);

    assert.equal(payload.exp - payload.iat, 900);
    assert.deepEqual([signedIn.status, signedIn.body.sub], [200, "ada"]);
    assert.deepEqual(expired, {
      status: 401,
      body: {
        name: "TokenExpiredError",
        message: "jwt expired",
        code: "ERR_JWT_EXPIRED",
        expiredAt: "2023-11-14T22:13:20.000Z",
        expired: [true, true, true],
        refused: [true, true],
      },
    });
    assert.deepEqual(tampered, {
      status: 401,
      body: {
        name: "JsonWebTokenError",
        message: "invalid signature",
        code: "ERR_JWT_SIGNATURE",
        expired: [false, false, false],
        refused: [true, true],
      },
    });
  });
}

test("one jsonwebtoken in the whole tree, and it is ours", () => {
  const found = readdirSync(join(folder, "node_modules"), { recursive: true }).filter((path) =>
    /(^|[\\/])node_modules[\\/]jsonwebtoken$|^jsonwebtoken$/.test(path),
  );
  assert.deepEqual(found, ["jsonwebtoken"]);
  assert.equal(JSON.parse(readFileSync(join(ours, "package.json"), "utf8")).name, "tandem-jwt");
});

test("TypeScript: the types of the middleware take ours for those of jsonwebtoken", () => {
  const tsc = join(folder, "node_modules", "typescript", "bin", "tsc");
  // As most projects have it: declarations of hapi and koa have mistakes of their own.
  const words = [
    "--noEmit",
    "--strict",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--skipLibCheck",
    "apps/types.mts",
  ];
  const { stdout, status } = spawnSync(process.execPath, [tsc, ...words], { cwd: folder, encoding: "utf8" });
  assert.deepEqual({ status, stdout }, { status: 0, stdout: "" });
});

test("the table of the docs has these packages, in these versions", () => {
  const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  const page = readFileSync(new URL("../../docs/from-jsonwebtoken.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `([^`]+)` \| (\d+\.\d+\.\d+) \|/gm)].map(([, name, version]) => [
    name,
    version,
  ]);
  assert.deepEqual(
    listed,
    Object.values(APPS).map((name) => [name, dependencies[name]]),
  );
});
