// Every way in which programs name the package. Compiled as it stands, as .cts and as .mts; run.mjs calls what is exported.

import "tandem-jwt";
import type * as types from "tandem-jwt";
import type wholeType from "tandem-jwt";
import type { JwtPayload } from "tandem-jwt";
import * as all from "tandem-jwt";
import beside, * as everything from "tandem-jwt";
import whole from "tandem-jwt";
import mixed, {
  decode,
  JsonWebTokenError,
  NotBeforeError,
  default as renamed,
  type Secret,
  sign,
  TokenExpiredError,
  verify,
} from "tandem-jwt";

import required = require("tandem-jwt");
import type requiredType = require("tandem-jwt");
import signByPath = require("tandem-jwt/sign");
import verifyByPath = require("tandem-jwt/verify.js");
import ErrorByPath = require("tandem-jwt/lib/JsonWebTokenError");
import ExpiredByPath = require("tandem-jwt/lib/TokenExpiredError");
import timespan = require("tandem-jwt/lib/timespan");

export * from "tandem-jwt";
export * as jsonwebtoken from "tandem-jwt";
export { type SignOptions as Options, verify as verifyAgain } from "tandem-jwt";
export import exported = require("tandem-jwt");

// A program's own claims, added to those that every token has.
declare module "tandem-jwt" {
  interface JwtPayload {
    tenant?: "acme" | "umbrella";
  }
}

/** What each form gives, and what its caller may assume of it. */
interface DropIn {
  sign: (payload: object, secret: Secret) => string;
  verify: (token: string, secret: Secret) => string | JwtPayload;
  JsonWebTokenError: new (message: string) => Error;
  TokenExpiredError: new (message: string, expiredAt: Date) => Error & { expiredAt: Date };
}
const dynamic = (): Promise<typeof import("tandem-jwt")> => import("tandem-jwt");
const byQuery: typeof import("tandem-jwt") = all;
const asType: typeof wholeType = whole;
const asTypes: typeof types = all;
const asRequired: typeof requiredType = required;
const byPath: DropIn = {
  sign: signByPath,
  verify: verifyByPath,
  JsonWebTokenError: ErrorByPath,
  TokenExpiredError: ExpiredByPath,
};

export const forms: Record<string, DropIn> = {
  "import whole": whole,
  "import { default as }": renamed,
  "import * as": all,
  "import whole, * as": everything,
  "whole, beside * as": beside,
  "import { names }": { sign, verify, JsonWebTokenError, TokenExpiredError },
  "import whole, { names }": mixed,
  "import = require": required,
  "export import = require": exported,
  "by path": byPath,
  "typeof import()": byQuery,
  "typeof, by import type": asType,
  "typeof, by import type * as": asTypes,
  "typeof, by import type = require": asRequired,
};
export const awaited = (): Promise<DropIn> => dynamic();

/** A program's own error, as ES5 and as ES2015 extend. */
export class Refused extends whole.TokenExpiredError {
  readonly status = 401;
  constructor() {
    super("refused", new Date(0));
  }
}

const claims = verify(sign({ sub: "ada", tenant: "acme" }, "secret"), "secret") as JwtPayload;
const tenant: "acme" | "umbrella" | undefined = claims.tenant;
const sub: import("tandem-jwt").JwtPayload["sub"] = (decode(sign({ sub: "ada" }, "secret")) as whole.JwtPayload).sub;
const early: Date = new NotBeforeError("early", new Date(5)).date;
export const values = [tenant, sub, early.getTime(), timespan("1h", 10)];
