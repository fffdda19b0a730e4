// The program of every cell, for each place in which Next runs code.

import middleware from "some-middleware";
import * as jwt from "tandem-jwt";
import * as sessions from "tandem-jwt/session";

import { check, checkBoth, checkSessions } from "./check.mjs";
import { rsa } from "./rsa.mjs";

export async function run() {
  return {
    algorithms: check(jwt, rsa),
    both: checkBoth(jwt, middleware.jwt),
    sessions: await checkSessions(sessions),
  };
}
