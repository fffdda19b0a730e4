// `require("jsonwebtoken/verify")` returns the function itself, and so does this.

import api = require("../jwt/index.js");

// The type is named, because the compiler would otherwise expand it into syntax that older compilers do not know.
const verify: api.Verify = api.verify;

export = verify;
