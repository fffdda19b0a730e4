// Run in a project: whose package it gets by the name jsonwebtoken, whose the middleware gets, and what that one signs. A
// process of its own each time, for Node remembers where it found modules.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const own = createRequire(join(process.cwd(), "index.js"));
const middleware = createRequire(realpathSync(own.resolve("some-middleware")));

function whose(file) {
  const up = dirname(file);
  const manifest = join(up, "package.json");
  return (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name) || whose(up);
}

console.log(
  JSON.stringify({
    own: whose(realpathSync(own.resolve("jsonwebtoken"))),
    middleware: whose(realpathSync(middleware.resolve("jsonwebtoken"))),
    signed: own("some-middleware").jwt.sign({ sub: "ada" }, "secret").slice(0, 3),
  }),
);
