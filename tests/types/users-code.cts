// The same from CommonJS, in the spellings that are in use.

// The same from CommonJS, in the spellings that are in use.

import jwt, * as all from "jsonwebtoken";

import required = require("jsonwebtoken");

const tokens: string[] = [jwt.sign({}, "secret"), all.sign({}, "secret"), required.sign({}, "secret")];
const payloads: (jwt.JwtPayload | all.JwtPayload | required.JwtPayload | null)[] = [
  required.decode("", { json: true }),
];
const error: required.JsonWebTokenError = new required.TokenExpiredError("no", new Date());
void [tokens, payloads, error];
