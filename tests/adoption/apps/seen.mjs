// What an application's own handler sees of an error, by the classes that the application imports.

import { createRequire } from "node:module";

import jwt, { TokenExpiredError } from "jsonwebtoken";

const required = createRequire(import.meta.url)("jsonwebtoken");

export function seen(error) {
  return {
    name: error?.name,
    message: error?.message,
    code: error?.code,
    expiredAt: error?.expiredAt,
    expired: [jwt.TokenExpiredError, TokenExpiredError, required.TokenExpiredError].map(
      (kind) => error instanceof kind,
    ),
    refused: [jwt.JsonWebTokenError, required.JsonWebTokenError].map((kind) => error instanceof kind),
  };
}
