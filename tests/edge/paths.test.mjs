/** The two places where a path decides: where a person is sent, and which guard a request meets. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { returnPath, signInLocation } from "../../pkg/dist/edge/return-path.js";
import { RouteTable } from "../../pkg/dist/edge/routes.js";

const SITE = "https://app.example";

describe("the way back after a sign-in", () => {
  const kept = [
    "/",
    "/account",
    "/a/b?c=d&e=%2F#f",
    "/caf%C3%A9",
    "/a//b",
    "/@evil.example",
    "/a?next=https://evil.example",
  ];
  const refused = [
    null,
    "",
    "account",
    "https://evil.example",
    "https://app.example/x",
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "///evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/a/..//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    `/${"a".repeat(3_000)}`,
  ];
  for (const path of kept) test(`${path} is kept`, () => assert.equal(returnPath(path, SITE), path));
  for (const path of refused)
    test(`${JSON.stringify(path)?.slice(0, 40)} is not`, () => assert.equal(returnPath(path, SITE), "/"));

  test("the sign-in page is told of it, in one parameter", () => {
    const asked = (path, init) => signInLocation("/sign-in", new Request(SITE + path, init), SITE);
    assert.equal(asked("/a?b=c&d=e#f"), "/sign-in?return=%2Fa%3Fb%3Dc%26d%3De");
    assert.equal(asked("/"), "/sign-in");
    assert.equal(asked("//evil.example/x"), "/sign-in");
    assert.equal(asked("/a", { method: "POST" }), "/sign-in");
    assert.equal(signInLocation("/in?x=1", new Request(`${SITE}/a`), SITE), "/in?x=1&return=%2Fa");
  });
});

describe("the route table", () => {
  const named = (name) => ({ scope: name });
  const table = new RouteTable({
    "/*": named("rest"),
    "/api/*": named("api"),
    "/api/admin/*": named("admin"),
    "/api/public": named("public"),
    "/Docs/*": named("docs"),
  });
  const found = (path) => {
    const match = table.match(path);
    return match.kind === "route" ? match.route.scope : match.kind;
  };

  test("the most specific pattern wins", () => {
    const expected = {
      "/": "rest",
      "/apiary": "rest",
      "/api": "api",
      "/api/": "api",
      "/api/x/y": "api",
      "/api/admin": "admin",
      "/api/admin/x": "admin",
      "/api/administrator": "api",
      "/api/public": "public",
      "/api/public/": "public",
      "/api/public/x": "api",
      "/Docs/a": "docs",
    };
    for (const [path, route] of Object.entries(expected)) assert.equal(found(path), route, path);
  });

  test("what can be read two ways under two routes is ambiguous", () => {
    const paths = [
      "//api/x",
      "/%61pi/x",
      "/%2561pi/x",
      "/API/x",
      "/x/..%2fapi/y",
      "/x%2f..%2fapi",
      "/x\\..\\api",
      "/api%2fadmin/x",
      "/api//admin/x",
      "/api/x;/../admin",
      "/api/admin;v=1/x",
      "/docs/a",
      "/%25252525252541",
      "/api%2fadmin%2f..%2fx",
      "/admin/../%61pi",
      "//host/api/x",
      "/api%3f/x",
      "/%u0061pi/x",
      "/api.data",
      "/x\t",
    ];
    for (const path of paths) assert.equal(found(path), "ambiguous", path);
  });

  test("what is only unusual is not", () => {
    const paths = {
      "/a//b": "rest",
      "/api/%7Ejo": "api",
      "/api/a%2fb": "api",
      "/caf%C3%A9": "rest",
      "/100%25": "rest",
      "/api/a;b=c": "api",
      "/A/B": "rest",
      "/%": "rest",
      "/%zz": "rest",
      "/a%ff": "rest",
    };
    for (const [path, route] of Object.entries(paths)) assert.equal(found(path), route, path);
  });

  test("a path with more readings than anybody means is refused", () => {
    for (const path of [`/${"a..%2f".repeat(600)}`, `/${"//%25".repeat(700)}`]) {
      assert.equal(table.match(path).kind, "ambiguous");
    }
  });

  test("patterns and origins that cannot be meant are refused at once", () => {
    for (const pattern of [
      "api",
      "",
      "/a*",
      "*",
      "/a/*/b",
      "/a?b",
      "/a#b",
      "/a//b",
      "/a/",
      "/a\\b",
      "/a;b",
      "/a%2fb",
      "/a/../b",
      "/a.",
    ]) {
      assert.throws(() => new RouteTable({ [pattern]: {} }), TypeError, pattern);
    }
    for (const origin of [
      "api.internal",
      "ftp://a.example",
      "https://a.example/x",
      "https://u:p@a.example",
      "https://a.example?x",
      "javascript:1",
      "",
    ]) {
      assert.throws(() => new RouteTable({ "/*": { origin } }), TypeError, origin);
    }
    new RouteTable({ "/*": { origin: "https://a.example" }, "/b/*": { origin: "http://[::1]:3000/" } });
  });
});
