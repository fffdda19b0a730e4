// The same from CommonJS, in the three spellings that are in use.

// The same from CommonJS, in the three spellings that are in use.

import jwt, * as all from "tandem-jwt";

import required = require("tandem-jwt");

const tokens: string[] = [jwt.sign({}, "secret"), all.sign({}, "secret"), required.sign({}, "secret")];
const error: Error = new required.JsonWebTokenError("no");
void [tokens, error];
