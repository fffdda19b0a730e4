// A folder with the packed package, below the tools of the matrix, so that programs in it find both as an application does.

import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { unpack } from "../packed.mjs";

/** Where the tools are installed. */
export const matrix = fileURLToPath(new URL(".", import.meta.url));
export const require = createRequire(import.meta.url);

/** Makes the folder, with a dependency that has the package by `require`; see `unpack`. */
export function project() {
  const parent = join(matrix, "projects");
  mkdirSync(parent, { recursive: true });
  const packed = unpack(parent);
  const dependency = join(packed.folder, "node_modules", "some-middleware");
  mkdirSync(dependency);
  writeFileSync(
    join(dependency, "package.json"),
    '{ "name": "some-middleware", "version": "1.0.0", "main": "index.js" }',
  );
  writeFileSync(join(dependency, "index.js"), 'exports.jwt = require("tandem-jwt");\n');
  writeFileSync(join(packed.folder, "package.json"), '{ "private": true, "name": "app", "version": "1.0.0" }');
  return packed;
}

/** The program of a cell, as an ES module: what is imported, what a dependency requires, and the sessions. */
export const program = (rsa, done) => `
  import * as jwt from "tandem-jwt";
  import * as sessions from "tandem-jwt/session";
  import middleware from "some-middleware";
  import { check, checkBoth, checkSessions } from "./check.mjs";
  const run = async () => ({
    algorithms: check(jwt, ${JSON.stringify(rsa)}),
    both: checkBoth(jwt, middleware.jwt),
    sessions: await checkSessions(sessions),
  });
  ${done};
`;

/** A file of an installed tool, by its path in the package. */
export const tool = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);
